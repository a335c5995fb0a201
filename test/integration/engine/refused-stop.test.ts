import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ContainerSession } from '../../../controlplane/engine/container/container-session.ts';
import { reconcileNow } from '../../../controlplane/engine/sweep/reconcile.ts';
import { findAttempt, listUnstopped } from '../../../controlplane/store/attempts/find-attempt.ts';
import type { AttemptRow } from '../../../controlplane/store/schema.ts';
import { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { TaskUuid } from '../../../shared/model/ids.ts';
import { TASK_STATUS } from '../../../shared/model/status.ts';
import { ECS_CLUSTERS } from '../../kit/ecs/cluster-rows.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { ecsInstallation, type EcsInstallation } from '../../kit/ecs/ecs-installation.ts';
import { startTestEcs, type TestEcs } from '../../kit/ecs/local-ecs.ts';
import { RecordingLog } from '../../kit/recording-log.ts';

const databases = useTestDatabases();
const REFUSED = {
  kind: 'error',
  action: 'StopTask',
  type: 'ClusterNotFoundException',
  message: 'Cluster not found.',
  times: null,
} as const;
const SAID = 'StopTask failed: ClusterNotFoundException: Cluster not found. Create the cluster';

let test: TestEcs;
let log: RecordingLog;
let installation: EcsInstallation;
beforeAll(async () => {
  test = await startTestEcs(undefined, { clusters: ECS_CLUSTERS });
});
afterAll(() => test.close());
beforeEach(async () => {
  test.ecs.faults.clear();
  log = new RecordingLog();
  installation = await ecsInstallation((await databases.fresh()).db, test);
  Object.assign(installation.deps, { log });
});

/** Starts a container whose task is complete by now. */
async function leaveBehind(): Promise<AttemptRow & { readonly arn: string }> {
  const { arn, attempt } = await installation.run('default', 'owned');
  if (!attempt) throw new Error('it has no attempt');
  const status = TASK_STATUS.COMPLETE;
  await installation.db.updateTable('task').set({ status }).where('id', '=', attempt.taskId).execute();
  return { ...attempt, arn };
}

function warnings(arn: string) {
  return log.entries.filter(
    ({ level, fields }) => level === 'warn' && 'err' in fields && 'arn' in fields && fields.arn === arn,
  );
}

describe('a StopTask that ECS refuses', () => {
  it('to the sweep is logged, kept with the attempt and repeated, and keeps no other container running', async () => {
    const { db, sweep, run, statusOf } = installation;
    const left = await leaveBehind();
    const stray = await run('second', 'unowned');
    test.ecs.faults.add([REFUSED]);
    await sweep(6);
    for (const arn of [left.arn, stray.arn]) expect(warnings(arn).length).toBeGreaterThan(1);
    expect(await listUnstopped(db)).toMatchObject([
      { taskId: left.taskId, number: 1, cluster: 'default', failure: { sentence: expect.stringContaining(SAID) } },
    ]);
    test.ecs.faults.clear();
    await sweep(4);
    for (const [arn, cluster] of [[left.arn], [stray.arn, 'second']] as const) {
      expect(await statusOf(arn, cluster)).toBe('STOPPED');
    }
    expect(await listUnstopped(db)).toEqual([]);
  });

  it('to the task is logged and kept with the attempt until a stop is accepted', async () => {
    const { db, deps, run } = installation;
    const { arn, attempt } = await run('default', 'owned');
    const session = async () =>
      new ContainerSession(deps, {
        lease: { id: attempt!.taskId, token: 1 },
        uuid: 'u' as TaskUuid,
        wip: new BasicWip({ uuid: 'u', options: {} }),
        effectKey: () => 'launch',
        attempts: 1,
        attempt: await findAttempt(db, { uuid: attempt!.uuid }),
        signals: { ready: null, output: null, exit: null },
        now: new Date(),
        abort: new AbortController().signal,
      });
    test.ecs.faults.add([REFUSED]);
    await expect((await session()).container()!.kill('test')).rejects.toThrow(SAID);
    expect(warnings(arn)).toMatchObject([{ fields: { taskId: attempt!.taskId, attempt: 1, cluster: 'default' } }]);
    const failed = await session();
    // What ECS says of the container meanwhile does not hide it.
    await failed.container()!.status();
    expect(failed.row?.ecsWitness?.look.kind).toBe('seen');
    const [first] = await listUnstopped(db);
    await expect((await session()).container()!.kill('test')).rejects.toThrow(SAID);
    expect(await listUnstopped(db)).toMatchObject([
      { taskId: attempt!.taskId, failure: { since: first?.failure.since } },
    ]);
    test.ecs.faults.clear();
    await (await session()).container()!.kill('test');
    expect(await listUnstopped(db)).toEqual([]);
  });

  it('leaves one container in the report of reconcile: it runs without an owner, and is not adopted too', async () => {
    const { deps, run } = installation;
    const left = await leaveBehind();
    const owned = await run('default', 'owned');
    test.ecs.faults.add([REFUSED]);
    const report = await reconcileNow(deps);
    expect(report.adopted).toMatchObject({ count: 1, containers: [{ arn: owned.arn }] });
    expect(report.unowned).toMatchObject({ count: 1, containers: [{ arn: left.arn, task: left.taskId }] });
    expect([report.finished.count, report.unknown.count]).toEqual([0, 0]);
    test.ecs.faults.add([{ kind: 'access-denied', action: 'ListTasks', times: null }]);
    const unlisted = await reconcileNow(deps);
    expect([unlisted.adopted.count, unlisted.unowned.count]).toEqual([1, 1]);
  });
});
