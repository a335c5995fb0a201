import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { WaitReason } from '../../../controlplane/containers/wait-reason.ts';
import type { ClusterAccess } from '../../../controlplane/engine/engine-deps.ts';
import { watchFullClusters, type SeenInstances } from '../../../controlplane/engine/sweep/watch-full-clusters.ts';
import { intendLaunch } from '../../../controlplane/store/attempts/intend-launch.ts';
import { markLaunched, markStopped, markVoid } from '../../../controlplane/store/attempts/mark-attempt.ts';
import type { AttemptRow, Db } from '../../../controlplane/store/schema.ts';
import type { LaunchLocation } from '../../../controlplane/store/schema/container-tables.ts';
import type { NewTask } from '../../../controlplane/store/tasks/add-task.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import type { TaskLease } from '../../../controlplane/store/tasks/leases.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { engineDeps } from '../../kit/engine.ts';
import { claim, newAttempt, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();

const HERE: LaunchLocation = { region: 'r', cluster: 'builds', endpoint: null, accessKeyId: null, roleArn: null };
const ELSEWHERE: LaunchLocation = { ...HERE, region: 'other' };
/** The same ECS cluster, by another row. */
const HERE_BY_ARN: LaunchLocation = { ...HERE, cluster: 'arn:aws:ecs:r:1:cluster/builds', accessKeyId: 'AKIA' };

/** A row of this name must be there when a launch is intended; the attempt's location says which ECS cluster it means. */
async function addClusterRow(db: Db): Promise<void> {
  await sql`INSERT INTO ecs_cluster (name, region, cluster, launch) VALUES ('default', 'r', 'builds', '{"type": "ec2"}')`.execute(
    db,
  );
}

async function attemptIn(db: Db, lease: TaskLease, location: LaunchLocation): Promise<AttemptRow> {
  const intent = await intendLaunch(db, lease, {
    effect: { key: randomUUID(), name: 'launch', scope: 'entry', request: 'sealed' },
    attempt: { ...newAttempt(1), location },
  });
  if (intent.kind !== 'intended') throw new Error(`the launch was ${intent.kind}`);
  return intent.attempt;
}

/** Adds a task that waits for an hour, after a launch into this cluster that found no room. */
async function waitingTask(db: Db, location: LaunchLocation, given: Partial<NewTask> = {}): Promise<number> {
  const task = await startedTask(db, { group: randomUUID(), ...given });
  const attempt = await attemptIn(db, task, location);
  await markVoid(db, attempt.id, 'no-capacity');
  const clause = 'the cluster has no room';
  const at = new Date().toISOString();
  const waitReason: WaitReason = {
    ...{ code: 'no-capacity', clause, since: at, last: at, count: 1 },
    ...{ remedy: null, evidence: [], until: null, isForRoom: true },
  };
  const next = { kind: 'wait', seconds: 3_600, isCutBySignals: true, waitsFor: clause, waitReason } as const;
  await saveStep(db, task, { next });
  return task.id;
}

async function runnable(db: Db): Promise<number[]> {
  return (await claim(db)).map(({ id }) => Number(id));
}

describe('a task that waits for room in its cluster', () => {
  it('is woken when a container of that cluster has ended, one for each, in the order of the queue', async () => {
    const { db } = await databases.fresh();
    await addClusterRow(db);
    const running = await startedTask(db);
    const attempt = await attemptIn(db, running, HERE_BY_ARN);
    await markLaunched(db, attempt.id, 'arn');
    const second = await waitingTask(db, HERE);
    await waitingTask(db, ELSEWHERE);
    const first = await waitingTask(db, HERE, { priority: 'HIGH' });
    expect(await runnable(db)).toEqual([]);
    await markStopped(db, attempt.id, 'stopped');
    expect(await runnable(db)).toEqual([first]);
    // It is over already: nothing has made room again.
    await markStopped(db, attempt.id, 'stopped');
    expect(await runnable(db)).toEqual([]);
    const another = await attemptIn(db, await startedTask(db, { group: 'another' }), HERE);
    await markLaunched(db, another.id, 'arn-2');
    expect(await runnable(db)).toEqual([second]);
  });

  it('is woken when machines join that cluster, and costs no call while nobody waits', async () => {
    const { db } = await databases.fresh();
    await addClusterRow(db);
    let instances = 0;
    let calls = 0;
    const access = {
      countInstances: () => {
        calls += 1;
        return Promise.resolve(instances);
      },
    } as unknown as ClusterAccess;
    const deps = engineDeps(db, []);
    const clusters = { ...deps.clusters, openOf: () => Promise.resolve(access) };
    const seen: SeenInstances = new Map();
    const watch = (): Promise<void> =>
      watchFullClusters({ ...deps, clusters }, { nodes: [deps.node], period: 1 }, seen);
    await watch();
    expect(calls).toBe(0);
    const [one, two, three] = [await waitingTask(db, HERE), await waitingTask(db, HERE), await waitingTask(db, HERE)];
    await watch();
    expect(await runnable(db)).toEqual([]);
    instances = 2;
    await watch();
    expect((await runnable(db)).sort()).toEqual([one, two]);
    await watch();
    expect(await runnable(db)).toEqual([]);
    expect(calls).toBe(3);
    instances = 1;
    await watch();
    instances = 2;
    await watch();
    expect(await runnable(db)).toEqual([three]);
  });
});
