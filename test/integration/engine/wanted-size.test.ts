import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTaskService } from '../../../controlplane/api/tasks/task-service.ts';
import { ContainerSession } from '../../../controlplane/engine/container/container-session.ts';
import { findAttempt } from '../../../controlplane/store/attempts/find-attempt.ts';
import type { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import { SHIPPED_KINDS } from '../../../controlplane/tasks/kinds.ts';
import { clusterRows } from '../../kit/ecs/cluster-rows.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { engineDeps } from '../../kit/engine.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { openTestClient, PATIENT_CONTAINER, startTestEcs, type TestEcs } from '../../kit/ecs/local-ecs.ts';
import { startedTask } from '../../kit/database/store.ts';

const DEFINITION = `default:
  containerDefinitions: [{name: build, image: none, memory: 64}]
clusters:
  fargate: { networkMode: awsvpc, cpu: "1024", memory: "4096" }
`;

const databases = useTestDatabases();
let test: TestEcs;
beforeAll(async () => {
  test = await startTestEcs(PATIENT_CONTAINER);
});
afterAll(() => test.close());

/** Prepares an installation with a cluster of machines, which is active, and one on Fargate. */
async function begin() {
  const { db } = await databases.fresh();
  const clock = new HastyClock();
  const plain = engineDeps(db, SHIPPED_KINDS, { clock });
  const rows = clusterRows(db, plain.masterKey, test, clock, DEFINITION);
  await rows.save('default');
  await rows.save('fargate', { launch: { type: 'fargate', subnets: ['subnet-1'] } });
  const deps = { ...plain, clusters: rows.clusters };
  const tasks = createTaskService({
    ...deps,
    digestKey: 'k',
    isDatabaseEnding: () => false,
    findSizeRefusal: (requirements) => rows.clusters.findSizeRefusal(requirements),
  });
  return { db, deps, tasks };
}

type Requirements = Partial<Pick<BasicWip, 'clusters' | 'containerSize'>>;

/** Launches a container for these requirements and returns what ECS says of its size. */
async function launch({ db, deps }: Awaited<ReturnType<typeof begin>>, requirements: Requirements) {
  const task = await startedTask(db);
  const session = new ContainerSession(deps, {
    lease: task,
    uuid: task.uuid,
    wip: { kind: 'Basic', group: 'Basic', clusters: [], containerSize: {}, ...requirements },
    effectKey: (scope, name) => `${task.id}-${scope}-${name}`,
    attempts: 0,
    attempt: null,
    signals: { ready: null, output: null, exit: null },
    now: deps.clock.now(),
    abort: new AbortController().signal,
  });
  const outcome = await session.newContainer({}).run();
  const attempt = await findAttempt(db, { taskId: task.id, number: 1 });
  if (outcome.kind !== 'launched') return { outcome, attempt, described: undefined };
  const client = openTestClient(test.ecs, deps.clock, {});
  const [described] = await client.describeTasks([outcome.arn]);
  client.close();
  return { outcome, attempt, described };
}

it('a task on machines has the sizes that it wants, with the definition of all others', async () => {
  const system = await begin();
  const sized = await launch(system, { containerSize: { cpu: 256, memoryMib: 512 } });
  const plain = await launch(system, {});
  expect(sized.described).toMatchObject({ cpu: '256', memory: '512', containers: [{ memory: '512' }] });
  expect(plain.described).toMatchObject({ memory: '64' });
  expect(sized.attempt?.taskDefinition).toBe(plain.attempt?.taskDefinition);
});

it('a task on Fargate has the sizes that it wants', async () => {
  const containerSize = { cpu: 2048, memoryMib: 8192, storageGib: 50 };
  const { described } = await launch(await begin(), { clusters: ['fargate'], containerSize });
  expect(described).toMatchObject({
    launchType: 'FARGATE',
    cpu: '2048',
    memory: '8192',
    overrides: { ephemeralStorage: { sizeInGiB: 50 } },
  });
});

it.each([
  [
    'a pair that Fargate does not have',
    { cluster: 'fargate', containerMemory: 3000 },
    'containerMemory',
    /2048 to 8192/,
  ],
  ['a disk on machines', { containerStorage: 50 }, 'containerStorage', /choose a cluster on Fargate/],
])('%s is refused when the task is added, with what there is', async (_what, options, option, message) => {
  const { tasks } = await begin();
  const refused = tasks.addTask({ kind: 'ContainerWip', options, createdBy: 'ann' });
  await expect(refused).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
    cause: { issues: [{ path: [option], message: expect.stringMatching(message) as string }] },
  });
});

it('sizes that the first cluster has are accepted', async () => {
  const { tasks } = await begin();
  const options = { cluster: 'fargate', containerCpu: 2048, containerMemory: 8192, containerStorage: 50 };
  expect(await tasks.addTask({ kind: 'ContainerWip', options, createdBy: 'ann' })).toMatchObject({ created: true });
});

it('a cluster that lost such containers since makes the launch wait for an operator', async () => {
  const { outcome } = await launch(await begin(), { clusters: ['fargate'], containerSize: { memoryMib: 3000 } });
  expect(outcome).toMatchObject({ kind: 'no_information', fault: 'configuration' });
  expect(outcome).toMatchObject({
    sentence: expect.stringContaining('the options of the task, containerMemory') as string,
  });
});
