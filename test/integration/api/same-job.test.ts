import { createLogger } from '../../../shared/system/logger.ts';
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SHIPPED_KINDS } from '../../../controlplane/tasks/kinds.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { EcsClusterStore } from '../../../controlplane/store/clusters/ecs-cluster-store.ts';
import { setGroup } from '../../../controlplane/store/settings/groups.ts';
import {
  createTaskService,
  type SubmittedTask,
  type TaskService,
} from '../../../controlplane/api/tasks/task-service.ts';
import { createSealer } from '../../../shared/keys/sealing.ts';
import { Secret } from '../../../shared/keys/secret.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { TEST_SETTINGS } from '../../kit/engine.ts';

const databases = useTestDatabases();
const VARIABLES = { A: 'guessable', B: '2' };
const ORDER: SubmittedTask = {
  kind: 'BuildSteps',
  options: { sourceVcsUri: 'https://example.org/app.git', vcsPath: 'main', environmentVariables: VARIABLES },
  createdBy: 'ann',
  clientJobId: 'job-7',
};

const DEPS = {
  kinds: new Map(SHIPPED_KINDS.map((kind) => [kind.kind, kind])),
  settings: TEST_SETTINGS,
  maxRunSeconds: 60,
  heartbeatSeconds: 30,
  isDatabaseEnding: () => false,
  findSizeRefusal: () => Promise.resolve(null),
  log: createLogger('test', 'silent'),
};

const newDigestKey = (): string => randomBytes(32).toString('base64');

function submitterOf(
  db: Db,
  digestKey: string,
): (change?: Partial<SubmittedTask>) => ReturnType<TaskService['addTask']> {
  const users = createTaskService({ ...DEPS, db, digestKey, sealer: createSealer(new Secret(randomBytes(32))) });
  return (change = {}) => users.addTask({ ...ORDER, ...change });
}

function saveCluster(db: Db, name: string): Promise<void> {
  const plain = { name, region: 'r', cluster: name, roleArn: null, endpoint: null, accessKeyId: null };
  return new EcsClusterStore(db, new Secret(randomBytes(32))).save({ ...plain, secretAccessKey: null, launch: {} });
}

async function begin() {
  const { db } = await databases.fresh();
  const digestKey = newDigestKey();
  return { db, digestKey, add: submitterOf(db, digestKey) };
}

describe('an Idempotency-Key with another order', () => {
  it.each<[string, Partial<SubmittedTask>, string]>([
    ['another branch', { options: { ...ORDER.options, vcsPath: 'other' } }, 'options.vcsPath'],
    ['an option more', { options: { ...ORDER.options, containerMaxTime: 60 } }, 'options.containerMaxTime'],
    [
      'another secret',
      { options: { ...ORDER.options, environmentVariables: { ...VARIABLES, A: 'x' } } },
      'options.environmentVariables',
    ],
    ['another group and title', { group: 'others', title: 'Mine' }, 'group, title'],
    ['another priority', { priority: 'HIGH' }, 'priority'],
  ])('is refused and named: %s', async (_, change, different) => {
    const { db, add } = await begin();
    const { id } = await add();
    await expect(add(change)).rejects.toMatchObject({
      code: 'JOB_CONFLICT',
      message: expect.stringContaining(`is that of task ${id}, which was ordered with another ${different}.`) as string,
    });
    expect(await db.selectFrom('task').select('id').execute()).toEqual([{ id }]);
  });

  it('is the task of before when the order is the same, in whatever order its keys come', async () => {
    const { add } = await begin();
    const { id } = await add();
    const options = Object.fromEntries(Object.entries(ORDER.options).reverse());
    expect(await add()).toMatchObject({ id, created: false });
    expect(await add({ options: { ...options, environmentVariables: { B: '2', A: 'guessable' } } })).toMatchObject({
      id,
      created: false,
    });
    expect((await add({ createdBy: 'bob', group: 'others' })).created).toBe(true);
  });

  it('is told of those that come at the same time as well: one is added, the others are refused', async () => {
    const { add } = await begin();
    const branches = ['a', 'b', 'c', 'd'];
    const outcomes = await Promise.allSettled(
      branches.map((vcsPath) => add({ options: { ...ORDER.options, vcsPath } })),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('leaves nothing in the database from which a secret option could be guessed', async () => {
    const { db, add } = await begin();
    await add();
    const { jobDigest } = await db.selectFrom('task').select('jobDigest').executeTakeFirstOrThrow();
    expect(Object.keys(jobDigest ?? {}).sort()).toEqual([
      'kind',
      'options.environmentVariables',
      'options.sourceVcsUri',
      'options.vcsPath',
    ]);
    const again = await begin(); // another installation
    await again.add();
    const other = await again.db.selectFrom('task').select('jobDigest').executeTakeFirstOrThrow();
    expect(other.jobDigest?.['options.environmentVariables']).not.toBe(jobDigest?.['options.environmentVariables']);
  });

  it('is the task of before when the master key was changed since', async () => {
    const { db, digestKey, add } = await begin();
    const { id } = await add();
    expect(await submitterOf(db, digestKey)()).toMatchObject({ id, created: false });
  });

  it('of a task that an earlier version added is the task of before, as it was then', async () => {
    const { db, add } = await begin();
    const { id } = await add();
    await db.updateTable('task').set({ jobDigest: null }).execute();
    expect(await add({ group: 'others' })).toMatchObject({ id, created: false });
  });
});

it('a group named constructor is not said to be paused', async () => {
  const { db, add } = await begin();
  const { id } = await add({ group: 'constructor' });
  await setGroup(db, { name: 'constructor', maxRunning: 1 });
  const users = createTaskService({
    ...DEPS,
    db,
    digestKey: newDigestKey(),
    sealer: createSealer(new Secret(randomBytes(32))),
  });
  expect((await users.findTask(id))?.waitsBecause).toBeNull();
});

describe('an order that names a cluster', () => {
  const named = { options: { ...ORDER.options, cluster: 'spot,second' } };

  it('is refused when there is none of that name, and nothing is added', async () => {
    const { db, add } = await begin();
    await saveCluster(db, 'spot');
    await expect(add(named)).rejects.toMatchObject({
      code: 'CLUSTER_UNKNOWN',
      message: expect.stringContaining('There is no cluster "second"') as string,
    });
    expect(await db.selectFrom('task').select('id').execute()).toEqual([]);
  });

  it('that came before is answered as it was then, when its cluster is gone', async () => {
    const { db, add } = await begin();
    await saveCluster(db, 'spot');
    await saveCluster(db, 'second');
    const { id } = await add(named);
    await db.deleteFrom('ecsCluster').execute();
    expect(await add(named)).toMatchObject({ id, created: false });
  });
});
