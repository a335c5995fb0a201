import { createStepStore } from '../../store/create-step-store.ts';
import type { EcsSnapshot } from '../../containers/container.ts';
import { attemptsToReconcile } from '../../store/attempts/find-attempt.ts';
import { wakeTaskOfAttempt } from '../../store/attempts/mark-attempt.ts';
import { listSweepers } from '../../store/settings/nodes.ts';
import { endOrphans } from '../../store/tasks/children.ts';
import type { AttemptRow } from '../../store/schema.ts';
import { REAP_AFTER_MS } from './decide-reap.ts';
import type { EngineDeps } from '../engine-deps.ts';
import { snapshotChange, saveSnapshotChange } from '../container/snapshot-change.ts';
import { decideShare, hasShare, type Sweepers } from './decide-share.ts';
import { endClassless } from './end-classless.ts';
import { watchFullClusters, type SeenInstances } from './watch-full-clusters.ts';
import { beginRound, reapCluster, type ReapDeps, type ReaperMemory } from './reap-cluster.ts';

export type SweepDeps = ReapDeps & Pick<EngineDeps, 'clusters' | 'clock' | 'outage' | 'sweepSeconds' | 'node'>;

/**
 * Observes every container that may still run, so that its end is noticed even when its agent could not report it.
 * Stops containers of this installation that no attempt owns. The nodes that live divide both among them. Ends tasks that only
 * a node without their class can end. Runs until `abort`.
 */
export async function sweepContainers(deps: EngineDeps, abort: AbortSignal): Promise<void> {
  const memory: ReaperMemory = { clusters: new Set(), suspects: new Map(), reported: new Set() };
  const seen: SeenInstances = new Map();
  let reapedMs = deps.clock.monotonicMs() - REAP_AFTER_MS;
  while (!abort.aborted) {
    const nowMs = deps.clock.monotonicMs();
    const isReapDue = nowMs - reapedMs >= REAP_AFTER_MS;
    if (isReapDue) reapedMs = nowMs;
    try {
      await endOrphans(deps.db, null);
      await endClassless(deps, abort);
      const sweepers = await listSweepers(deps.db);
      await observeAttempts(deps, sweepers);
      await watchFullClusters(deps, sweepers, seen);
      if (isReapDue) await reapClusters(deps, sweepers, { memory, nowMs });
    } catch (error) {
      if (!deps.outage.note(error, 'looking for orphans')) {
        deps.log.warn({ err: error }, 'looking for orphans and clusters failed');
      }
    }
    await deps.clock.sleep(deps.sweepSeconds * 1000, abort);
  }
}

/**
 * Reaps each cluster by itself: a cluster that does not answer, or whose credentials are wrong, must not hide the
 * others.
 */
async function reapClusters(
  deps: SweepDeps,
  sweepers: Sweepers,
  round: { memory: ReaperMemory; nowMs: number },
): Promise<void> {
  const own = (await deps.clusters.list()).filter(({ name }) => hasShare(`reaper/${name}`, deps.node, sweepers));
  beginRound(
    round.memory,
    own.map(({ name }) => name),
  );
  for (const { name, open } of own) {
    try {
      await reapCluster(deps, await open(), round);
    } catch (error) {
      if (deps.outage.note(error, 'looking for containers without an owner')) continue;
      deps.log.warn({ err: error, cluster: name }, 'looking for containers without an owner failed');
    }
  }
}

type Launched = AttemptRow & { readonly arn: string };

/**
 * Goes through the attempts and not through the rows of clusters: a row may be deleted or name another cluster while
 * containers run.
 */
async function observeAttempts(deps: SweepDeps, sweepers: Sweepers): Promise<void> {
  const attempts = await attemptsToReconcile(deps.db);
  const launched = attempts.filter((attempt): attempt is Launched => attempt.arn !== null);
  const clusters = Map.groupBy(launched, ({ cluster, location }) => JSON.stringify([cluster, location]));
  const shares = [...clusters].map(([cluster, together]) => decideShare(cluster, together, deps.node, sweepers));
  await Promise.all(shares.map((share) => observeCluster(deps, share)));
}

async function observeCluster(deps: SweepDeps, attempts: readonly Launched[]): Promise<void> {
  const [first] = attempts;
  if (!first) return;
  try {
    const { ecs } = await deps.clusters.openOf(first);
    await Promise.all(attempts.map(async (attempt) => observe(deps, attempt, await ecs.describe(attempt.arn))));
  } catch (error) {
    if (deps.outage.note(error, 'looking at containers')) return;
    deps.log.warn({ err: error, cluster: first.cluster }, 'looking at the containers of a cluster failed');
  }
}

/** Saves what a snapshot of ECS changes in the attempt, and wakes the task if the change matters to it. */
export async function observe(deps: SweepDeps, attempt: Launched, snapshot: EcsSnapshot): Promise<void> {
  const change = snapshotChange(attempt, snapshot);
  if (!change) return;
  const before = attempt.ecsWitness;
  const isNewStatus = snapshot.kind === 'seen' && snapshot.lastStatus !== statusBefore(before);
  const isStopOrderedNow = snapshot.kind === 'seen' && snapshot.stopCode !== null && stopCodeBefore(before) === null;
  const hasExitedNow = change.witness.exitedAt !== undefined && before?.exitedAt === undefined;
  // One commit for both: a stopped container is not observed again, so a node that died in between would leave its
  // task asleep until a fail-safe wait of an hour is over.
  await deps.db.transaction().execute(async (tx) => {
    await saveSnapshotChange(createStepStore(tx), attempt, change);
    if (isNewStatus || isStopOrderedNow || hasExitedNow) await wakeTaskOfAttempt(tx, attempt.id);
  });
}

function stopCodeBefore(witness: AttemptRow['ecsWitness']): string | null {
  return witness?.look.kind === 'seen' ? witness.look.stopCode : null;
}

function statusBefore(witness: AttemptRow['ecsWitness']): string | null {
  return witness?.look.kind === 'seen' ? witness.look.lastStatus : null;
}
