import type { EcsLook } from '../../containers/container.ts';
import { attemptsToReconcile } from '../../store/attempts/find-attempt.ts';
import { wakeTaskOfAttempt } from '../../store/attempts/mark-attempt.ts';
import { endOrphans } from '../../store/tasks/children.ts';
import type { AttemptRow } from '../../store/schema.ts';
import { REAP_AFTER_MS } from './decide-reap.ts';
import type { EngineWorld } from '../engine-world.ts';
import { newsOf, writeNews } from '../container/look-news.ts';
import { reapCluster, type ReaperMemory } from './reap-cluster.ts';

/**
 * Looks at every container that may still be there, so that its end is noticed although its agent could not tell,
 * and stops containers of this installation that no attempt owns. Runs until `stop` aborts.
 */
export async function sweepContainers(world: EngineWorld, stop: AbortSignal): Promise<void> {
  const memory: ReaperMemory = { suspects: new Map(), reported: new Set() };
  let reapedMs = world.clock.monotonicMs() - REAP_AFTER_MS;
  while (!stop.aborted) {
    const nowMs = world.clock.monotonicMs();
    const isReapDue = nowMs - reapedMs >= REAP_AFTER_MS;
    if (isReapDue) reapedMs = nowMs;
    try {
      await endOrphans(world.db, null);
      await lookAtAttempts(world);
      if (isReapDue) await reapClusters(world, { memory, nowMs });
    } catch (error) {
      if (!world.outage.note(error, 'looking for orphans')) {
        world.log.warn({ err: error }, 'looking for orphans and clusters failed');
      }
    }
    await world.clock.sleep(world.sweepSeconds * 1000, stop);
  }
}

/** A cluster that does not answer, or whose credentials are wrong, must not hide the others. */
async function reapClusters(world: EngineWorld, look: { memory: ReaperMemory; nowMs: number }): Promise<void> {
  for (const { name, open } of await world.clusters.list()) {
    try {
      await reapCluster(world, await open(), look);
    } catch (error) {
      if (world.outage.note(error, 'looking for containers without an owner')) continue;
      world.log.warn({ err: error, cluster: name }, 'looking for containers without an owner failed');
    }
  }
}

type Launched = AttemptRow & { readonly arn: string };

/** By the attempts and not by the rows of clusters: a row may be deleted or mean another cluster while containers run. */
async function lookAtAttempts(world: EngineWorld): Promise<void> {
  const attempts = await attemptsToReconcile(world.db);
  const launched = attempts.filter((attempt): attempt is Launched => attempt.arn !== null);
  const clusters = Map.groupBy(launched, ({ cluster, location }) => JSON.stringify([cluster, location]));
  await Promise.all([...clusters.values()].map((together) => lookAtCluster(world, together)));
}

async function lookAtCluster(world: EngineWorld, attempts: readonly Launched[]): Promise<void> {
  const [first] = attempts;
  if (!first) return;
  try {
    const { ecs } = await world.clusters.openOf(first);
    await Promise.all(attempts.map(async (attempt) => learn(world, attempt, await ecs.describe(attempt.arn))));
  } catch (error) {
    if (world.outage.note(error, 'looking at containers')) return;
    world.log.warn({ err: error, cluster: first.cluster }, 'looking at the containers of a cluster failed');
  }
}

async function learn(world: EngineWorld, attempt: Launched, look: EcsLook): Promise<void> {
  const news = newsOf(attempt, look);
  if (!news) return;
  const isNewStatus = look.kind === 'seen' && look.lastStatus !== statusBefore(attempt.ecsWitness);
  // In one commit: nobody looks at a stopped container again, so a node that died in between would leave its task
  // asleep until a fail-safe wait of an hour is over.
  await world.db.transaction().execute(async (tx) => {
    await writeNews(tx, attempt, news);
    if (isNewStatus) await wakeTaskOfAttempt(tx, attempt.id);
  });
}

function statusBefore(witness: AttemptRow['ecsWitness']): unknown {
  const look = witness?.['look'];
  return typeof look === 'object' && look !== null && 'lastStatus' in look ? look.lastStatus : null;
}
