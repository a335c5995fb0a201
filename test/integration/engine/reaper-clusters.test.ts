import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { reapCluster, type ReaperMemory } from '../../../controlplane/engine/sweep/reap-cluster.ts';
import { findAttempt, type AttemptCluster } from '../../../controlplane/store/attempts/find-attempt.ts';
import type { AttemptRow } from '../../../controlplane/store/schema.ts';
import { ECS_CLUSTERS } from '../../kit/ecs/cluster-rows.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { ecsInstallation, type EcsInstallation } from '../../kit/ecs/ecs-installation.ts';
import { eventually } from '../../kit/eventually.ts';
import { PATIENT_CONTAINER, startTestEcs, type TestEcs } from '../../kit/ecs/local-ecs.ts';

const databases = useTestDatabases();
let test: TestEcs;
beforeAll(async () => {
  test = await startTestEcs(PATIENT_CONTAINER, { clusters: ECS_CLUSTERS });
});
afterAll(() => test.close());
beforeEach(() => test.ecs.faults.clear());

async function installation(): Promise<EcsInstallation> {
  return ecsInstallation((await databases.fresh()).db, test);
}

describe('the reaper, where several rows name one ECS cluster', () => {
  it('does not stop running, owned builds', async () => {
    const { run, sweep, statusOf } = await installation();
    const owned = [
      await run('default', 'owned'),
      await run('other-subnets', 'owned'),
      await run('by-arn', 'owned'),
      await run('other-subnets', 'unanswered'),
    ];
    const unowned = await run('default', 'unowned');
    await sweep(2);
    expect(await statusOf(unowned.arn)).toBe('RUNNING');
    await sweep(6);
    for (const { arn } of owned) expect(await statusOf(arn)).toBe('RUNNING');
    expect(await statusOf(unowned.arn)).toBe('STOPPED');
  });

  it('does not stop builds whose row was deleted, renamed or means another cluster by now, and still looks at them', async () => {
    const { db, rows, run, sweep, statusOf } = await installation();
    const moved = await run('other-subnets', 'owned');
    const renamed = await run('by-arn', 'owned');
    await rows.save('other-subnets', { cluster: 'second' });
    await db.updateTable('ecsCluster').set({ name: 'new-name' }).where('name', '=', 'by-arn').execute();
    await sweep(6);
    for (const { arn } of [moved, renamed]) expect(await statusOf(arn)).toBe('RUNNING');
    await test.client.stopTask(moved.arn, 'somebody else stops it');
    await eventually('the stop', async () => (await test.client.describe(moved.arn, 'fresh')).kind === 'seen');
    await eventually('the news of it', async () => {
      await sweep(1);
      return (await findAttempt(db, { uuid: moved.attempt!.uuid }))?.state === 'stopped';
    });
  });

  it('stops the second container of an attempt that ECS gave another one', async () => {
    const { deps, db, run, sweep, statusOf } = await installation();
    const { arn, attempt } = await run('default', 'owned');
    const second = await test.client.runTask({
      cluster: 'second',
      taskDefinition: test.definitionArn,
      clientToken: `second-${attempt!.uuid}`,
      startedBy: `wip/${deps.installationId}/${attempt!.taskId}/1`,
      count: 1,
      overrides: { containerOverrides: [] },
      tags: [],
    });
    if (second.kind !== 'started') throw new Error(JSON.stringify(second));
    await sweep(6);
    expect(await statusOf(arn)).toBe('RUNNING');
    expect(await statusOf(second.arn, 'second')).toBe('STOPPED');
    expect((await findAttempt(db, { uuid: attempt!.uuid }))?.state).toBe('launched');
  });

  it('makes nobody a suspect by an answer that is partial, throttled or fails', async () => {
    const { deps, run, sweep, statusOf } = await installation();
    const { arn } = await run('default', 'unowned');
    for (const fault of [
      { kind: 'missing-window', ms: 86_400_000 },
      { kind: 'throttle', action: 'ListTasks', times: null },
      { kind: 'error', action: 'DescribeTasks', type: 'ClientException', message: 'Rate exceeded', times: null },
    ] as const) {
      test.ecs.faults.add([fault]);
      await sweep(6);
      test.ecs.faults.clear();
    }
    const memory: ReaperMemory = { clusters: new Set(), suspects: new Map(), reported: new Set() };
    test.ecs.faults.add([{ kind: 'missing-window', ms: 86_400_000 }]);
    const access = await deps.clusters.openActive();
    await expect(reapCluster(deps, access, { memory, nowMs: 0 })).rejects.toThrow(/described 0 of the \d+ tasks/);
    test.ecs.faults.clear();
    expect(memory.suspects.size).toBe(0);
    expect(await statusOf(arn)).toBe('RUNNING');
  });

  it('asks the database for the owner once more before it stops anything', async () => {
    const { deps, db, run } = await installation();
    const memory: ReaperMemory = { clusters: new Set(), suspects: new Map(), reported: new Set() };
    const [first, last] = [await run('default', 'unanswered'), await run('default', 'unanswered')];
    const forget = (attempt: AttemptRow | null, state: 'void' | 'intended') =>
      db.updateTable('containerAttempt').set({ state }).where('id', '=', attempt!.id).execute();
    await Promise.all([forget(first.attempt, 'void'), forget(last.attempt, 'void')]);
    const access = await deps.clusters.openActive();
    const stops: string[] = [];
    const stopTask = async (arn: string): Promise<void> => {
      stops.push(arn);
      // Both containers were due. While the first is being stopped, the other gets its owner back.
      await forget(arn === first.arn ? last.attempt : first.attempt, 'intended');
    };
    const watched = { ...access, ecs: { ...access.ecs, stopTask } };
    await reapCluster(deps, watched, { memory, nowMs: 0 });
    await reapCluster(deps, watched, { memory, nowMs: 60_000 });
    expect(stops).toHaveLength(1);
  });

  it('still finds a stray in a cluster that no row names any more', async () => {
    const { rows, run, sweep, db } = await installation();
    const location: AttemptCluster = (await run('second', 'owned')).attempt!;
    const unowned = await run('second', 'unowned');
    await rows.store.use('default');
    await db.deleteFrom('ecsCluster').where('name', '=', 'second').execute();
    await sweep(6);
    const snapshot = await (await rows.clusters.openOf(location)).ecs.describe(unowned.arn, 'fresh');
    expect(snapshot).toMatchObject({ kind: 'seen', desiredStatus: 'STOPPED' });
  });
});
