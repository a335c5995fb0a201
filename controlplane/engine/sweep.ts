import { attemptsToReconcile, listOwnedAttempts } from '../store/attempts/find-attempt.ts';
import { wakeTaskOfAttempt } from '../store/attempts/mark-attempt.ts';
import { endOrphans } from '../store/tasks/children.ts';
import { listClusters } from '../store/clusters/list-clusters.ts';
import { readRestored } from '../store/operation/restored.ts';
import type { AttemptRow } from '../store/schema.ts';
import type { EngineWorld } from './engine-world.ts';
import { newsOf, writeNews } from './look-news.ts';

// An ECS task that nobody owns is stopped only at the second look, this far from the first: a launch whose answer
// is still on its way looks the same for a moment (ecs.md, "Reaper").
const REAP_INTERVAL_MS = 60_000;

/** What the reaper keeps in mind from one look to the next, by ARN. */
interface Strays {
  /** Seen once without an owner. */
  readonly suspects: Set<string>;
  /** Told to people instead of stopped. */
  readonly reported: Set<string>;
}

/**
 * Looks at every container that may still be there, so that its end is noticed although its agent could not tell,
 * and stops containers of this installation that no attempt owns. Runs until `stop` aborts.
 */
export async function sweepContainers(world: EngineWorld, stop: AbortSignal): Promise<void> {
  const strays: Strays = { suspects: new Set(), reported: new Set() };
  let reapedMs = world.clock.monotonicMs() - REAP_INTERVAL_MS;
  while (!stop.aborted) {
    const isReapDue = world.clock.monotonicMs() - reapedMs >= REAP_INTERVAL_MS;
    if (isReapDue) reapedMs = world.clock.monotonicMs();
    try {
      await endOrphans(world.db, null);
      for (const { name } of await listClusters(world.db)) await sweepCluster(world, name, isReapDue ? strays : null);
    } catch (error) {
      world.log.warn({ err: error }, 'looking for orphans and clusters failed');
    }
    await world.clock.sleep(world.sweepSeconds * 1000, stop);
  }
}

/** A cluster that does not answer, or whose credentials are wrong, must not hide the others. */
async function sweepCluster(world: EngineWorld, name: string, strays: Strays | null): Promise<void> {
  try {
    await lookAtAttempts(world, name);
    if (strays) await reap(world, name, strays);
  } catch (error) {
    world.log.warn({ err: error, cluster: name }, 'looking at the containers of a cluster failed');
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
      const news = newsOf(attempt, look);
      if (!news) return;
      const isNewStatus = look.kind === 'seen' && look.lastStatus !== statusBefore(attempt.ecsWitness);
      // In one commit: nobody looks at a stopped container again, so a node that died in between would leave its task
      // asleep until a fail-safe wait of an hour is over.
      await world.db.transaction().execute(async (tx) => {
        await writeNews(tx, attempt, news);
        if (isNewStatus) await wakeTaskOfAttempt(tx, attempt.id);
      });
    }),
  );
}

function statusBefore(witness: AttemptRow['ecsWitness']): unknown {
  const look = witness?.['look'];
  return typeof look === 'object' && look !== null && 'lastStatus' in look ? look.lastStatus : null;
}

async function reap(world: EngineWorld, clusterName: string, strays: Strays): Promise<void> {
  const access = await world.clusters.open(clusterName);
  const owned = new Set((await listOwnedAttempts(world.db, clusterName)).map(startedByOf(world.installationId)));
  const prefix = `wip/${world.installationId}/`;
  const restored = await readRestored(world.db);
  const running = (await access.listRunning()).filter(({ startedBy }) => startedBy.startsWith(prefix));
  for (const { arn, startedBy } of running) {
    if (owned.has(startedBy)) strays.suspects.delete(arn);
    else if (!strays.suspects.has(arn)) strays.suspects.add(arn);
    else if (restored) reportStray(world, { arn, startedBy }, strays);
    else {
      world.log.warn({ arn, startedBy }, 'a container that no attempt owns is stopped');
      await access.ecs.stopTask(arn, 'wip: no container attempt owns this task');
      strays.suspects.delete(arn);
    }
  }
}

/** Once each: it may be there for hours. It stays a suspect and is stopped at the first look after the confirmation. */
function reportStray(world: EngineWorld, stray: { arn: string; startedBy: string }, { reported }: Strays): void {
  if (reported.has(stray.arn)) return;
  reported.add(stray.arn);
  world.log.warn(stray, 'a container that no attempt owns is not stopped, because the database was restored');
}

function startedByOf(installationId: string): (attempt: Pick<AttemptRow, 'taskId' | 'number'>) => string {
  return (attempt) => `wip/${installationId}/${attempt.taskId}/${attempt.number}`;
}
