import { attemptsToReconcile, listOwnedAttempts } from '../store/attempts/find-attempt.ts';
import { wakeTaskOfAttempt } from '../store/attempts/mark-attempt.ts';
import { listClusters } from '../store/clusters/list-clusters.ts';
import type { AttemptRow } from '../store/schema.ts';
import { recordLook } from './current-container.ts';
import type { EngineWorld } from './engine-world.ts';

// An ECS task that nobody owns is stopped only at the second look, this far from the first: a launch whose answer
// is still on its way looks the same for a moment (ecs.md, "Reaper").
const REAP_INTERVAL_MS = 60_000;

/**
 * Looks at every container that may still be there, so that its end is noticed although its agent could not tell,
 * and stops containers of this installation that no attempt owns. Runs until `stop` aborts.
 */
export async function sweepContainers(world: EngineWorld, stop: AbortSignal): Promise<void> {
  const suspects = new Set<string>();
  let reapedMs = world.clock.monotonicMs() - REAP_INTERVAL_MS;
  while (!stop.aborted) {
    const isReapDue = world.clock.monotonicMs() - reapedMs >= REAP_INTERVAL_MS;
    if (isReapDue) reapedMs = world.clock.monotonicMs();
    try {
      for (const { name } of await listClusters(world.db)) {
        await lookAtAttempts(world, name);
        if (isReapDue) await reap(world, name, suspects);
      }
    } catch (error) {
      world.log.warn({ err: error }, 'looking at the containers failed');
    }
    await world.clock.sleep(world.sweepSeconds * 1000, stop);
  }
}

async function lookAtAttempts(world: EngineWorld, clusterName: string): Promise<void> {
  const attempts = await attemptsToReconcile(world.db, clusterName);
  const launched = attempts.filter((attempt): attempt is AttemptRow & { arn: string } => attempt.arn !== null);
  if (launched.length === 0) return;
  const { ecs } = await world.clusters.open(clusterName);
  await Promise.all(
    launched.map(async (attempt) => {
      const look = await ecs.describe(attempt.arn);
      const before = attempt.ecsWitness;
      const isNews = (await recordLook(world, attempt, look, () => undefined)) === 'changed';
      if (isNews && look.kind === 'seen' && look.lastStatus !== statusBefore(before))
        await wakeTaskOfAttempt(world.db, attempt.id);
    }),
  );
}

function statusBefore(witness: AttemptRow['ecsWitness']): unknown {
  const look = witness?.['look'];
  return typeof look === 'object' && look !== null && 'lastStatus' in look ? look.lastStatus : null;
}

async function reap(world: EngineWorld, clusterName: string, suspects: Set<string>): Promise<void> {
  const access = await world.clusters.open(clusterName);
  const owned = new Set((await listOwnedAttempts(world.db, clusterName)).map(startedByOf(world.installationId)));
  const prefix = `wip/${world.installationId}/`;
  const running = (await access.listRunning()).filter(({ startedBy }) => startedBy.startsWith(prefix));
  for (const { arn, startedBy } of running) {
    if (owned.has(startedBy)) {
      suspects.delete(arn);
    } else if (suspects.has(arn)) {
      world.log.warn({ arn, startedBy }, 'a container that no attempt owns is stopped');
      await access.ecs.stopTask(arn, 'wip: no container attempt owns this task');
      suspects.delete(arn);
    } else {
      suspects.add(arn);
    }
  }
}

function startedByOf(installationId: string): (attempt: Pick<AttemptRow, 'taskId' | 'number'>) => string {
  return (attempt) => `wip/${installationId}/${attempt.taskId}/${attempt.number}`;
}
