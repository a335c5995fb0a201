import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WaitReason } from '../../../controlplane/containers/wait-reason.ts';
import { wakeForCorrection } from '../../../controlplane/store/attempts/wake-for-correction.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { Secret } from '../../../shared/keys/secret.ts';
import { clusterRows } from '../../kit/ecs/cluster-rows.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { engineDeps } from '../../kit/engine.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { PATIENT_CONTAINER, startTestEcs, type TestEcs } from '../../kit/ecs/local-ecs.ts';
import { operatorsOf } from '../../kit/operators.ts';
import { claim, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();
const CLUSTER = { name: 'default', region: 'r', cluster: 'builds', launch: { type: 'ec2' } };

/** Adds a task that waits for an hour for this reason. */
async function waitingFor(db: Db, code: string, isForRoom = true): Promise<number> {
  const task = await startedTask(db, { group: `${code}-${randomUUID()}` });
  const clause = 'it waits';
  const at = new Date().toISOString();
  const waitReason: WaitReason = {
    ...{ code, clause, since: at, last: at, count: 1 },
    ...{ remedy: null, evidence: [], until: null, isForRoom },
  };
  const next = { kind: 'wait', seconds: 3_600, isCutBySignals: true, waitsFor: clause, waitReason } as const;
  await saveStep(db, task, { next });
  return Number(task.id);
}

async function runnable(db: Db): Promise<number[]> {
  return (await claim(db)).map(({ id }) => Number(id)).sort((a, b) => a - b);
}

describe('tasks that wait for an operator', () => {
  it.each<[string, (operators: ReturnType<typeof operatorsOf>) => Promise<void>]>([
    ['a cluster is saved', ({ clusters }) => clusters.saveCluster(CLUSTER, 'ann')],
    ['another cluster is used', ({ clusters }) => clusters.useCluster('default', 'ann')],
    ['a group is given clusters', ({ groups }) => groups.setGroup({ name: 'g', clusters: ['default'] }, 'ann')],
  ])('are woken when %s, and others wait on', async (_what, correct) => {
    const { db } = await databases.fresh();
    const operators = operatorsOf(db);
    await operators.clusters.saveCluster(CLUSTER, 'ann');
    const denied = await waitingFor(db, 'access-denied');
    const unknown = await waitingFor(db, 'cluster-unknown');
    await waitingFor(db, 'throttled', false);
    expect(await runnable(db)).toEqual([]);
    await correct(operators);
    expect(await runnable(db)).toEqual([denied, unknown]);
  });

  it('are woken all, and of those that wait for room only the first', async () => {
    const { db } = await databases.fresh();
    const forRoom: number[] = [];
    for (let count = 0; count < 7; count += 1) forRoom.push(await waitingFor(db, 'no-capacity'));
    const denied: number[] = [];
    for (let count = 0; count < 3; count += 1) denied.push(await waitingFor(db, 'credentials-expired'));
    expect(await wakeForCorrection(db)).toBe(8);
    expect(await runnable(db)).toEqual([...forRoom.slice(0, 5), ...denied]);
  });
});

describe('the row of a cluster that a node has read', () => {
  let test: TestEcs;
  beforeAll(async () => {
    test = await startTestEcs(PATIENT_CONTAINER);
  });
  afterAll(() => test.close());

  it('is used for some seconds, and read again as soon as the node hears of a change', async () => {
    const { db } = await databases.fresh();
    const clock = new HastyClock();
    const { masterKey } = engineDeps(db, []);
    const rows = clusterRows(db, masterKey, test, clock);
    const attempt = { cluster: 'default', location: null, arn: null, taskDefinition: null };
    await rows.save('default', { secretAccessKey: new Secret('wrong') });
    const check = async () => (await rows.clusters.openOf(attempt)).countInstances();
    await expect(check()).rejects.toMatchObject({ class: 'access-denied' });
    await rows.save('default');
    await expect(check()).rejects.toMatchObject({ class: 'access-denied' });
    rows.clusters.forgetRows();
    expect(await check()).toBe(1);
  });
});
