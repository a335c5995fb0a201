import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  CreateClusterCommand,
  DeleteClusterCommand,
  DeregisterTaskDefinitionCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  type ECSClient,
  ListClustersCommand,
  ListContainerInstancesCommand,
  ListTagsForResourceCommand,
  ListTaskDefinitionsCommand,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
  TagResourceCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import { processesOf } from '../../../controlplane/localecs/process/process-tree.ts';
import { startLocalEcs } from '../../../controlplane/localecs/start-local-ecs.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { eventually } from '../../kit/eventually.ts';
import { signedFetch } from '../../kit/network/signed-fetch.ts';
import {
  openSdk,
  PATIENT_CONTAINER,
  shellContainer,
  silentLog,
  startTestEcs,
  testLauncher,
  type TestEcs,
} from '../../kit/ecs/local-ecs.ts';

const open: { close: () => Promise<void> | void }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
  // Whatever a test is about, its requests and answers are those of the service model.
});

async function begin(
  command: readonly string[] = PATIENT_CONTAINER,
  options = {},
): Promise<TestEcs & { sdk: ECSClient }> {
  const test = await startTestEcs(command, options);
  const sdk = openSdk(test.ecs);
  open.push(test, { close: () => sdk.destroy() });
  return { ...test, sdk };
}

async function run(test: TestEcs & { sdk: ECSClient }, more: object = {}): Promise<string> {
  const answer = await test.sdk.send(new RunTaskCommand({ taskDefinition: 'WIP_test', ...more }));
  return answer.tasks?.[0]?.taskArn ?? '';
}

async function look(test: { sdk: ECSClient }, arn: string): Promise<Task> {
  const answer = await test.sdk.send(new DescribeTasksCommand({ tasks: [arn] }));
  const [task] = answer.tasks ?? [];
  if (!task) throw new Error(`no task ${arn}: ${JSON.stringify(answer.failures)}`);
  return task;
}

function reaches(test: { sdk: ECSClient }, arn: string, status: string): Promise<Task> {
  return eventually(`${arn} ${status}`, async () => {
    const task = await look(test, arn);
    return task.lastStatus === status ? task : null;
  });
}

describe('local ECS', () => {
  it('walks a task through the statuses of ECS, in order', async () => {
    const delays = {
      PROVISIONING: 500, // the first look at it may be late
      PENDING: 40,
      ACTIVATING: 40,
      DEACTIVATING: 40,
      STOPPING: 40,
      DEPROVISIONING: 40,
    };
    const test = await begin(PATIENT_CONTAINER, { delays });
    const arn = await run(test);
    const seen: string[] = [];
    const note = async (until: string): Promise<void> => {
      await eventually(until, async () => {
        const status = (await look(test, arn)).lastStatus ?? '';
        if (seen.at(-1) !== status) seen.push(status);
        return status === until;
      });
    };
    await note('RUNNING');
    await test.sdk.send(new StopTaskCommand({ task: arn, reason: 'enough' }));
    await note('STOPPED');
    const order = [
      'PROVISIONING',
      'PENDING',
      'ACTIVATING',
      'RUNNING',
      'DEACTIVATING',
      'STOPPING',
      'DEPROVISIONING',
      'STOPPED',
    ];
    expect(seen).toEqual(order.filter((status) => seen.includes(status)));
    expect(seen).toEqual(expect.arrayContaining(['PROVISIONING', 'RUNNING', 'STOPPED']));
  });

  it('reports the exit code of a container that ends by itself', async () => {
    const test = await begin(shellContainer('exit 3'));
    const task = await reaches(test, await run(test), 'STOPPED');
    expect(task).toMatchObject({
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
    });
    expect(task.containers?.[0]).toMatchObject({ exitCode: 3, lastStatus: 'STOPPED' });
    expect(task.startedAt).toBeInstanceOf(Date);
  });

  it('kills a container that ignores SIGTERM after its stopTimeout', async () => {
    const test = await begin(
      shellContainer("trap '' TERM; echo '{}' >$WIP_AGENT_PORT_FILE; while :; do sleep 0.05; done"),
    );
    const arn = await run(test);
    await eventually('the trap', () => existsSync(path.join(directoryOf(test, arn), 'run', 'ports.json')));
    await test.sdk.send(new StopTaskCommand({ task: arn }));
    const task = await reaches(test, arn, 'STOPPED');
    expect(task.containers?.[0]?.exitCode).toBe(137);
    expect(processesOf(directoryOf(test, arn))).toEqual([]);
  });

  it('gives a container with a stopTimeout of a month its time, and does not kill it at once', async () => {
    const command = "trap 'sleep 0.3; exit 5' TERM; echo '{}' >$WIP_AGENT_PORT_FILE; while :; do sleep 0.05; done";
    const test = await begin(shellContainer(command));
    await test.client.registerTaskDefinition({
      family: 'WIP_patient',
      containerDefinitions: [{ name: 'build', image: 'none', memory: 64, stopTimeout: 2_592_000 }],
    });
    const arn = await run(test, { taskDefinition: 'WIP_patient' });
    await eventually('the trap', () => existsSync(path.join(directoryOf(test, arn), 'run', 'ports.json')));
    await test.sdk.send(new StopTaskCommand({ task: arn }));
    expect((await reaches(test, arn, 'STOPPED')).containers?.[0]?.exitCode).toBe(5);
  });

  it('leaves nothing of a container that crashes, not even processes that left its session', async () => {
    const test = await begin(
      shellContainer("setsid sh -c 'while :; do sleep 0.05; done' & while :; do sleep 0.05; done"),
    );
    const arn = await run(test);
    await eventually('both processes', () => processesOf(directoryOf(test, arn)).length >= 3);
    await test.ecs.injectFault({ kind: 'crash', task: arn });
    const task = await reaches(test, arn, 'STOPPED');
    expect(task.containers?.[0]?.exitCode).toBe(137);
    expect(processesOf(directoryOf(test, arn))).toEqual([]);
  });

  it('refuses a fault of a container that has ended, which changed its reason and nothing else', async () => {
    const test = await begin(PATIENT_CONTAINER);
    const arn = await run(test);
    await reaches(test, arn, 'RUNNING');
    await test.ecs.injectFault({ kind: 'crash', task: arn, reason: 'first' });
    await reaches(test, arn, 'STOPPED');
    for (const fault of [
      { kind: 'crash', task: arn, reason: 'second' },
      { kind: 'interrupt', task: arn, stopCode: 'SpotInterruption', reason: 'late' },
    ] as const) {
      await expect(test.ecs.injectFault(fault)).rejects.toThrow(`The container of task ${arn} has ended already.`);
    }
    expect((await reaches(test, arn, 'STOPPED')).containers?.[0]?.reason).toBe('first');
  });

  it('crashes a container that is still being started, too', async () => {
    const test = await begin(PATIENT_CONTAINER, { delays: { ACTIVATING: 300 } });
    const arn = await run(test);
    await reaches(test, arn, 'ACTIVATING');
    await test.ecs.injectFault({ kind: 'crash', task: arn });
    expect((await reaches(test, arn, 'STOPPED')).containers?.[0]?.exitCode).toBe(137);
  });

  it('ends a container as AWS does for Spot', async () => {
    const test = await begin();
    const arn = await run(test);
    await reaches(test, arn, 'RUNNING');
    await test.ecs.injectFault({
      kind: 'interrupt',
      task: arn,
      stopCode: 'SpotInterruption',
      reason: 'Your Spot Task was interrupted.',
    });
    expect(await reaches(test, arn, 'STOPPED')).toMatchObject({ stopCode: 'SpotInterruption' });
  });

  it('stops a task that has not started yet', async () => {
    const test = await begin(PATIENT_CONTAINER, { delays: { PENDING: 60_000 } });
    const arn = await run(test);
    await reaches(test, arn, 'PENDING');
    await test.sdk.send(new StopTaskCommand({ task: arn }));
    expect((await reaches(test, arn, 'STOPPED')).startedAt).toBeUndefined();
  });

  it('answers one client token with one task, and a conflict to other parameters', async () => {
    const test = await begin();
    const once = { clientToken: 'token', startedBy: 'a' };
    const arn = await run(test, once);
    expect(await run(test, once)).toBe(arn);
    await expect(run(test, { ...once, startedBy: 'b' })).rejects.toMatchObject({
      name: 'ConflictException',
      resourceIds: [arn],
    });
    expect((await test.sdk.send(new ListTasksCommand({}))).taskArns).toEqual([arn]);
  });

  it('gives the container the environment of its definition with the overrides over it, and nothing of its own', async () => {
    const test = await begin(shellContainer('env >"$HOME/env.tmp"; mv "$HOME/env.tmp" "$HOME/env"; sleep 60'));
    await test.client.registerTaskDefinition({
      family: 'WIP_env',
      containerDefinitions: [
        {
          name: 'build',
          image: 'none',
          memory: 64,
          environment: [
            { name: 'A', value: '1' },
            { name: 'B', value: '1' },
          ],
        },
      ],
    });
    const overrides = { containerOverrides: [{ name: 'build', environment: [{ name: 'B', value: '2' }] }] };
    const arn = await run(test, { taskDefinition: 'WIP_env', overrides });
    const file = path.join(directoryOf(test, arn), 'home', 'env');
    await eventually('the environment', () => existsSync(file));
    const { readFile } = await import('node:fs/promises');
    const names = (await readFile(file, 'utf8')).trim().split('\n');
    expect(names).toEqual(expect.arrayContaining(['A=1', 'B=2', `WIP_TASK_ARN=${arn}`]));
    const own = [
      'A',
      'B',
      'HOME',
      'LANG',
      'PATH',
      'PWD',
      'OLDPWD',
      'SHLVL',
      '_',
      'WIP_AGENT_PORT_FILE',
      'WIP_AGENT_ROOT',
      'WIP_TASK_ARN',
    ];
    expect(names.map((line) => line.split('=')[0]).filter((name) => !own.includes(name ?? ''))).toEqual([]);
  });

  it('refuses what ECS refuses, with its names', async () => {
    const test = await begin();
    await expect(run(test, { taskDefinition: 'nothing' })).rejects.toMatchObject({ name: 'ClientException' });
    await expect(run(test, { cluster: 'nowhere' })).rejects.toMatchObject({ name: 'ClusterNotFoundException' });
    await expect(run(test, { overrides: { containerOverrides: [{ name: 'other' }] } })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    const huge = [{ name: 'build', environment: [{ name: 'A', value: 'x'.repeat(9_000) }] }];
    await expect(run(test, { overrides: { containerOverrides: huge } })).rejects.toThrow(/at most 8192/);
    await expect(test.sdk.send(new StopTaskCommand({ task: 'none' }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    await test.sdk.send(new DeregisterTaskDefinitionCommand({ taskDefinition: 'WIP_test:1' }));
    await expect(run(test, { taskDefinition: 'WIP_test:1' })).rejects.toThrow(/inactive/);
  });

  it('pages through its tasks', async () => {
    const test = await begin(PATIENT_CONTAINER, { delays: { PROVISIONING: 60_000 } });
    await test.sdk.send(new RunTaskCommand({ taskDefinition: 'WIP_test', count: 5 }));
    const first = await test.sdk.send(new ListTasksCommand({ maxResults: 3 }));
    const second = await test.sdk.send(new ListTasksCommand({ maxResults: 3, nextToken: first.nextToken }));
    expect(new Set([...(first.taskArns ?? []), ...(second.taskArns ?? [])]).size).toBe(5);
    expect(second.nextToken).toBeUndefined();
  });

  it('knows clusters, instances, definitions and tags', async () => {
    const test = await begin();
    const { sdk } = test;
    await sdk.send(new CreateClusterCommand({ clusterName: 'second' }));
    expect((await sdk.send(new ListClustersCommand({}))).clusterArns).toHaveLength(2);
    const described = await sdk.send(new DescribeClustersCommand({ clusters: ['second', 'third'] }));
    expect(described).toMatchObject({
      clusters: [{ clusterName: 'second', status: 'ACTIVE' }],
      failures: [{ reason: 'MISSING' }],
    });
    const { containerInstanceArns } = await sdk.send(new ListContainerInstancesCommand({ cluster: 'second' }));
    const instances = await sdk.send(
      new DescribeContainerInstancesCommand({ cluster: 'second', containerInstances: containerInstanceArns }),
    );
    expect(instances.containerInstances?.[0]).toMatchObject({ ec2InstanceId: 'i-00000000000000001', status: 'ACTIVE' });
    expect((await sdk.send(new ListTaskDefinitionsCommand({ familyPrefix: 'WIP_test' }))).taskDefinitionArns).toEqual([
      test.definitionArn,
    ]);
    expect(
      (await sdk.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'WIP_test' }))).taskDefinition,
    ).toMatchObject({ revision: 1 });
    const arn = await run(test, { tags: [{ key: 'a', value: '1' }] });
    await sdk.send(new TagResourceCommand({ resourceArn: arn, tags: [{ key: 'b', value: '2' }] }));
    expect((await sdk.send(new ListTagsForResourceCommand({ resourceArn: arn }))).tags).toHaveLength(2);
    await sdk.send(new DeleteClusterCommand({ cluster: 'second' }));
    expect((await sdk.send(new ListClustersCommand({}))).clusterArns).toHaveLength(1);
  });

  it('forgets a stopped task an hour after its end, and removes what it left', async () => {
    const hours = { ms: 0 };
    const clock = { ...systemClock, now: () => new Date(Date.now() + hours.ms) };
    const test = await begin(shellContainer('true'), { clock });
    const arn = await run(test);
    await reaches(test, arn, 'STOPPED');
    expect(existsSync(directoryOf(test, arn))).toBe(true);
    hours.ms = 61 * 60 * 1000;
    const answer = await test.sdk.send(new DescribeTasksCommand({ tasks: [arn] }));
    expect(answer.failures).toEqual([{ arn, reason: 'MISSING' }]);
    expect(existsSync(directoryOf(test, arn))).toBe(false);
  });

  it('takes faults over HTTP, says which are left, and forgets them', async () => {
    const test = await begin();
    const faults = `${test.ecs.endpoint}/_faults`;
    const set = await signedFetch(test.ecs, faults, {
      method: 'POST',
      body: JSON.stringify([{ kind: 'throttle', action: 'ListTasks', times: 2 }]),
    });
    expect(await set.json()).toEqual({ faults: [{ kind: 'throttle', action: 'ListTasks', times: 2 }] });
    await expect(test.sdk.send(new ListTasksCommand({}))).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(await (await signedFetch(test.ecs, faults)).json()).toEqual({
      faults: [{ kind: 'throttle', action: 'ListTasks', times: 1 }],
    });
    await signedFetch(test.ecs, faults, { method: 'DELETE' });
    await test.sdk.send(new ListTasksCommand({}));
    expect((await signedFetch(test.ecs, faults, { method: 'POST', body: '[{"kind":"earthquake"}]' })).status).toBe(400);
  });

  it('injects a crash over HTTP, with the reason that the OOM killer gives', async () => {
    const test = await begin();
    const arn = await run(test);
    await reaches(test, arn, 'RUNNING');
    const fault = { kind: 'crash', task: arn, reason: 'OutOfMemoryError: Container killed due to memory usage' };
    await signedFetch(test.ecs, `${test.ecs.endpoint}/_faults`, { method: 'POST', body: JSON.stringify([fault]) });
    expect((await reaches(test, arn, 'STOPPED')).containers?.[0]).toMatchObject({
      exitCode: 137,
      reason: fault.reason,
    });
  });

  it('loses an exit code, and shows a container as stopped that runs', async () => {
    const test = await begin(shellContainer('exit 0'));
    test.ecs.faults.add([{ kind: 'no-exit-code' }]);
    expect((await reaches(test, await run(test), 'STOPPED')).containers?.[0]?.exitCode).toBeUndefined();
    const lasting = await begin();
    const arn = await run(lasting);
    await reaches(lasting, arn, 'RUNNING');
    lasting.ecs.faults.add([{ kind: 'shown-as-stopped' }]);
    expect(await look(lasting, arn)).toMatchObject({ lastStatus: 'STOPPED', desiredStatus: 'STOPPED' });
    lasting.ecs.faults.clear();
    expect(await look(lasting, arn)).toMatchObject({ lastStatus: 'RUNNING' });
  });

  it('refuses an operation that it does not know', async () => {
    const test = await begin();
    const answer = await signedFetch(test.ecs, test.ecs.endpoint, {
      method: 'POST',
      headers: { 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.RunTasks' },
      body: '{}',
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ __type: 'UnknownOperationException' });
  });

  it('says so when its port is taken, and when its state cannot be read', async () => {
    const test = await begin();
    const port = Number(new URL(test.ecs.endpoint).port);
    const options = { launcher: testLauncher(PATIENT_CONTAINER), clock: systemClock, log: silentLog };
    const directory = path.join(test.directory, 'other');
    await expect(startLocalEcs({ ...options, directory, port })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    expect(existsSync(directory)).toBe(false);
    await mkdir(directory);
    await writeFile(path.join(directory, 'state.json'), '{"version":2}');
    await expect(startLocalEcs({ ...options, directory })).rejects.toMatchObject({ code: 'DATA_DIRECTORY_UNUSABLE' });
  });
});

function directoryOf(test: TestEcs, arn: string): string {
  return path.join(test.directory, 'tasks', arn.replace(/^.*\//, ''));
}
