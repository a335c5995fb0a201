import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { reconcileNow, reportStart } from '../../../controlplane/engine/sweep/reconcile.ts';
import { attemptsToReconcile, findAttempt } from '../../../controlplane/store/attempts/find-attempt.ts';
import { RESTORED } from '../../../controlplane/store/operation/restored.ts';
import { heartbeatNode, liveNodes } from '../../../controlplane/store/settings/nodes.ts';
import { setSetting } from '../../../controlplane/store/settings/settings.ts';
import { ECS_CLUSTERS } from '../../kit/ecs/cluster-rows.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { eventually } from '../../kit/eventually.ts';
import { ecsInstallation, type EcsInstallation } from '../../kit/ecs/ecs-installation.ts';
import { PATIENT_CONTAINER, startTestEcs, type TestEcs } from '../../kit/ecs/local-ecs.ts';

const databases = useTestDatabases();
let test: TestEcs;
let installation: EcsInstallation;
beforeAll(async () => {
  test = await startTestEcs(PATIENT_CONTAINER, { clusters: ECS_CLUSTERS });
});
afterAll(() => test.close());
beforeEach(async () => {
  installation = await ecsInstallation((await databases.fresh()).db, test);
});
afterEach(() => test.ecs.faults.clear());

async function stops(arn: string): Promise<void> {
  await test.client.stopTask(arn, 'somebody stops it');
  await eventually('the stop', async () => {
    const snapshot = await test.client.describe(arn, 'fresh');
    return snapshot.kind === 'seen' && snapshot.lastStatus === 'STOPPED';
  });
}

describe('a node that compares the record with ECS', () => {
  it('tells what runs, what has ended, what nobody owns, and what ECS has not answered', async () => {
    const { run, deps, db } = installation;
    const running = await run('default', 'owned');
    const other = await run('second', 'owned');
    const ended = await run('default', 'owned');
    const unanswered = await run('default', 'unanswered');
    const unowned = await run('second', 'unowned');
    await stops(ended.arn);
    const report = await reconcileNow(deps);
    const arns = (of: { containers: readonly { arn: string | null }[] }) => of.containers.map(({ arn }) => arn);
    expect(report).toMatchObject({ node: deps.node, unownedAre: 'stopped', unseenClusters: [] });
    expect([report.adopted.count, arns(report.adopted)]).toEqual([2, [running.arn, other.arn]]);
    expect([report.finished.count, arns(report.finished)]).toEqual([1, [ended.arn]]);
    expect(arns(report.unowned)).toEqual([unowned.arn]);
    expect(report.unowned.containers[0]?.cluster).toBe('second');
    expect(report.unknown.containers).toMatchObject([{ task: unanswered.attempt!.taskId, arn: null }]);
    // What has changed is noted, and nothing is stopped.
    expect((await findAttempt(db, { uuid: ended.attempt!.uuid }))?.state).toBe('stopped');
    expect(await test.client.describe(running.arn, 'fresh')).toMatchObject({ desiredStatus: 'RUNNING' });
    expect(await reconcileNow(deps)).toMatchObject({ finished: { count: 0 } });
  });

  it('knows nothing of containers while ECS does not answer, and says which clusters it has not seen', async () => {
    const { run, deps } = installation;
    const { arn } = await run('default', 'owned');
    test.ecs.faults.add([{ kind: 'access-denied', action: '*', times: null }]);
    const report = await reconcileNow(deps);
    expect(report.unknown).toMatchObject({ count: 1, containers: [{ arn }] });
    // One name of each ECS cluster.
    expect(report.unseenClusters).toEqual(['by-arn', 'second']);
    expect([report.adopted.count, report.finished.count]).toEqual([0, 0]);
  });

  it('says that unowned containers are only reported after a restore', async () => {
    const { deps, db } = installation;
    await setSetting(db, RESTORED, { at: '2026-01-02T00:00:00.000Z', dumpedAt: '2026-01-01T00:00:00.000Z' });
    expect((await reconcileNow(deps)).unownedAre).toBe('reported');
  });

  it('keeps what it found at its start beside its row, even what has changed by the time it asks', async () => {
    const { run, deps, db } = installation;
    await heartbeatNode(db, { name: deps.node, version: '1' });
    const ended = await run('default', 'owned');
    const before = await attemptsToReconcile(db);
    await stops(ended.arn);
    // A task of this node meets the end first.
    await reconcileNow(deps);
    await reportStart(deps, before);
    const [node] = await liveNodes(db, 60);
    expect(node?.startReport).toMatchObject({
      node: deps.node,
      finished: { count: 1, containers: [{ arn: ended.arn }] },
    });
  });
});
