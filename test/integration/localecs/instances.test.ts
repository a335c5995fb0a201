import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  DescribeCapacityProvidersCommand,
  DescribeContainerInstancesCommand,
  DescribeServicesCommand,
  ListContainerInstancesCommand,
  ListServicesCommand,
  ListTagsForResourceCommand,
  PutClusterCapacityProvidersCommand,
  StopTaskCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateContainerInstancesStateCommand,
  type ContainerInstance,
  type ECSClient,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { startLocalEcs } from '../../../controlplane/localecs/start-local-ecs.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { eventually } from '../../kit/eventually.ts';
import { openSdk, PATIENT_CONTAINER, silentLog, startTestEcs, testLauncher } from '../../kit/ecs/local-ecs.ts';
import { describeTask, reaches, run, startSdkEcs, STARTS_AT_ONCE } from '../../kit/ecs/sdk-ecs.ts';

const NONE = '9'.repeat(32);

async function arnsOf(sdk: ECSClient, status?: 'ACTIVE' | 'DRAINING'): Promise<string[]> {
  const { containerInstanceArns = [] } = await sdk.send(
    new ListContainerInstancesCommand({ ...(status && { status }) }),
  );
  return containerInstanceArns;
}

async function instanceAt(sdk: ECSClient, arn = ''): Promise<ContainerInstance | undefined> {
  const command = new DescribeContainerInstancesCommand({ containerInstances: [arn], include: ['TAGS'] });
  return (await sdk.send(command)).containerInstances?.[0];
}

const update = (sdk: ECSClient, status: 'ACTIVE' | 'DRAINING' | 'REGISTERING', ...containerInstances: string[]) =>
  sdk.send(new UpdateContainerInstancesStateCommand({ status, containerInstances }));

describe('a machine that is drained', () => {
  it('keeps its tasks and gets no new ones until it is active again: the call was not known', async () => {
    const { sdk } = await startSdkEcs({ ...STARTS_AT_ONCE, instances: 2 });
    const before = (await run(sdk)).tasks?.[0];
    const [drained = '', other = ''] = [
      before?.containerInstanceArn,
      (await arnsOf(sdk)).find((each) => each !== before?.containerInstanceArn),
    ];
    await reaches(sdk, before?.taskArn, 'RUNNING');
    const answer = await update(sdk, 'DRAINING', drained);
    expect(answer.containerInstances).toMatchObject([{ containerInstanceArn: drained, status: 'DRAINING' }]);
    expect([await arnsOf(sdk, 'ACTIVE'), await arnsOf(sdk, 'DRAINING')]).toEqual([[other], [drained]]);
    expect(await arnsOf(sdk)).toHaveLength(2);
    const { tasks = [] } = await run(sdk, { count: 3 });
    expect(tasks.map(({ containerInstanceArn }) => containerInstanceArn)).toEqual([other, other, other]);
    expect(await describeTask(sdk, before?.taskArn)).toMatchObject({ lastStatus: 'RUNNING', desiredStatus: 'RUNNING' });
    expect(await instanceAt(sdk, drained)).toMatchObject({ runningTasksCount: 1, pendingTasksCount: 0 });
    await sdk.send(new StopTaskCommand({ task: before?.taskArn }));
    await reaches(sdk, before?.taskArn, 'STOPPED');
    expect(await instanceAt(sdk, drained)).toMatchObject({ runningTasksCount: 0, pendingTasksCount: 0 });
    await update(sdk, 'ACTIVE', drained);
    expect((await run(sdk)).tasks?.[0]?.containerInstanceArn).toBe(drained);
  });

  it('is none for RunTask when it is the last one', async () => {
    const { sdk } = await startSdkEcs();
    await update(sdk, 'DRAINING', ...(await arnsOf(sdk)));
    await expect(run(sdk)).rejects.toThrow('No Container Instances were found in your cluster.');
  });

  it('is drained by its id as well, and named by its ARN when it is missing', async () => {
    const { sdk } = await startSdkEcs();
    const [arn = ''] = await arnsOf(sdk);
    const { containerInstances, failures } = await update(sdk, 'DRAINING', arn.split('/').at(-1)!, NONE);
    expect(containerInstances).toMatchObject([{ containerInstanceArn: arn, status: 'DRAINING' }]);
    expect(failures).toEqual([
      { arn: `arn:aws:ecs:local:000000000000:container-instance/default/${NONE}`, reason: 'MISSING' },
    ]);
    const refusal = { name: 'InvalidParameterException' };
    await expect(update(sdk, 'REGISTERING', arn)).rejects.toMatchObject(refusal);
    await expect(update(sdk, 'ACTIVE')).rejects.toMatchObject(refusal);
    await expect(update(sdk, 'ACTIVE', ...Array<string>(11).fill(arn))).rejects.toMatchObject(refusal);
  });

  it('is drained after a restart of local ECS, too, and not when it was lost and another has joined', async () => {
    const test = await startTestEcs(PATIENT_CONTAINER);
    const first = openSdk(test.ecs);
    const [arn = ''] = await arnsOf(first);
    await update(first, 'DRAINING', arn);
    await test.ecs.close();
    const options = { directory: test.directory, launcher: testLauncher(PATIENT_CONTAINER), log: silentLog };
    const again = await startLocalEcs({ ...options, clock: systemClock, callersClock: systemClock });
    const sdk = openSdk(again);
    expect(await instanceAt(sdk, arn)).toMatchObject({ status: 'DRAINING' });
    await again.injectFault({ kind: 'lose-instance', cluster: 'default', containerInstance: arn });
    await again.injectFault({ kind: 'join-instance', cluster: 'default' });
    expect(await instanceAt(sdk, arn)).toMatchObject({ status: 'ACTIVE' });
    [first, sdk].forEach((each) => each.destroy());
    await again.close();
    await test.close();
  });
});

describe('a machine whose ECS agent is not connected', () => {
  it('says so, goes on with its tasks, and is AGENT for RunTask, until it is connected again', async () => {
    const { sdk, ecs } = await startSdkEcs(STARTS_AT_ONCE);
    const [containerInstance = ''] = await arnsOf(sdk);
    const task = (await run(sdk)).tasks?.[0]?.taskArn;
    expect(await reaches(sdk, task, 'RUNNING')).toMatchObject({ connectivity: 'CONNECTED' });
    await ecs.injectFault({ kind: 'agent-disconnected', cluster: 'default', containerInstance });
    expect(await instanceAt(sdk, containerInstance)).toMatchObject({ status: 'ACTIVE', agentConnected: false });
    expect(await describeTask(sdk, task)).toMatchObject({ lastStatus: 'RUNNING', connectivity: 'DISCONNECTED' });
    expect(await run(sdk)).toMatchObject({ tasks: [], failures: [{ arn: containerInstance, reason: 'AGENT' }] });
    await ecs.injectFault({ kind: 'agent-connected', cluster: 'default', containerInstance });
    expect(await instanceAt(sdk, containerInstance)).toMatchObject({ agentConnected: true });
    expect((await run(sdk)).tasks).toHaveLength(1);
    const stranger = { kind: 'agent-disconnected', cluster: 'default', containerInstance: NONE } as const;
    await expect(ecs.injectFault(stranger)).rejects.toThrow('There is no container instance');
  });
});

describe('tags of a machine', () => {
  it('are given, shown and taken away: its ARN could not be tagged', async () => {
    const { sdk } = await startSdkEcs({ instances: 2 });
    const [resourceArn = '', other = ''] = await arnsOf(sdk);
    await sdk.send(
      new TagResourceCommand({
        resourceArn,
        tags: [
          { key: 'a', value: '1' },
          { key: 'b', value: '2' },
        ],
      }),
    );
    await sdk.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a'] }));
    const left = [{ key: 'b', value: '2' }];
    expect((await sdk.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual(left);
    expect((await instanceAt(sdk, resourceArn))?.tags).toEqual(left);
    expect((await instanceAt(sdk, other))?.tags).toEqual([]);
    const untagged = new DescribeContainerInstancesCommand({ containerInstances: [resourceArn] });
    expect((await sdk.send(untagged)).containerInstances?.[0]?.tags).toEqual([]);
    const missing = new ListTagsForResourceCommand({ resourceArn: resourceArn.replace(/\w+$/, NONE) });
    await expect(sdk.send(missing)).rejects.toThrow('The specified resource was not found.');
  });
});

describe('what local ECS has none of', () => {
  it('is answered as by a cluster that has no services', async () => {
    const { sdk } = await startSdkEcs();
    expect((await sdk.send(new ListServicesCommand({}))).serviceArns).toEqual([]);
    const described = await sdk.send(new DescribeServicesCommand({ services: ['web'] }));
    const arn = 'arn:aws:ecs:local:000000000000:service/default/web';
    expect(described).toMatchObject({ services: [], failures: [{ arn, reason: 'MISSING' }] });
    await expect(sdk.send(new ListServicesCommand({ cluster: 'none' }))).rejects.toMatchObject({
      name: 'ClusterNotFoundException',
    });
  });

  it('are capacity providers but those of Fargate, and those that clusters were given', async () => {
    const { sdk } = await startSdkEcs();
    const names = async (input: object = {}): Promise<(string | undefined)[]> => {
      const { capacityProviders = [] } = await sdk.send(new DescribeCapacityProvidersCommand(input));
      return capacityProviders.map(({ name, status }) => `${name} ${status}`);
    };
    expect(await names()).toEqual(['FARGATE ACTIVE', 'FARGATE_SPOT ACTIVE']);
    const given = { cluster: 'default', capacityProviders: ['machines'], defaultCapacityProviderStrategy: [] };
    await sdk.send(new PutClusterCapacityProvidersCommand(given));
    const arn = 'arn:aws:ecs:local:000000000000:capacity-provider/machines';
    expect(await names({ capacityProviders: [arn] })).toEqual(['machines ACTIVE']);
    expect(await names({ cluster: 'default' })).toEqual(['machines ACTIVE']);
    const { failures } = await sdk.send(new DescribeCapacityProvidersCommand({ capacityProviders: ['none'] }));
    expect(failures).toEqual([{ arn: arn.replace('machines', 'none'), reason: 'MISSING' }]);
  });
});

describe('a machine whose ECS agent is not connected', () => {
  const disconnected = async () => {
    const made = await startSdkEcs(STARTS_AT_ONCE);
    const [task] = (await run(made.sdk)).tasks ?? [];
    await reaches(made.sdk, task?.taskArn, 'RUNNING');
    const change = (kind: 'agent-connected' | 'agent-disconnected' | 'lose-instance') =>
      made.ecs.injectFault({ kind, cluster: 'default', containerInstance: task?.containerInstanceArn ?? '' });
    await change('agent-disconnected');
    return { ...made, arn: task?.taskArn ?? '', change };
  };

  it('stops a task when it is connected again: StopTask reached it at once', async () => {
    const { sdk, arn, change } = await disconnected();
    const { task } = await sdk.send(new StopTaskCommand({ task: arn, reason: 'enough' }));
    expect(task).toMatchObject({ lastStatus: 'RUNNING', desiredStatus: 'STOPPED', connectivity: 'DISCONNECTED' });
    expect(await describeTask(sdk, arn)).toMatchObject({ lastStatus: 'RUNNING' });
    await change('agent-connected');
    const stopped = await reaches(sdk, arn, 'STOPPED');
    expect(stopped).toMatchObject({ stopCode: 'UserInitiated', stoppedReason: 'enough', connectivity: 'CONNECTED' });
    expect(stopped.containers).toMatchObject([{ exitCode: 143 }]);
  });

  it('tells the end of a container when it is connected again, with the time of the end', async () => {
    const { sdk, arn, change, ecs, directory } = await disconnected();
    await ecs.injectFault({ kind: 'crash', task: arn });
    const exitFile = path.join(directory, 'tasks', arn.split('/').at(-1) ?? '', 'container.exit');
    await eventually('the end', () => Promise.resolve(existsSync(exitFile) || undefined));
    expect(await describeTask(sdk, arn)).toMatchObject({ lastStatus: 'RUNNING', desiredStatus: 'RUNNING' });
    await change('agent-connected');
    const stopped = await reaches(sdk, arn, 'STOPPED');
    expect(stopped).toMatchObject({ stopCode: 'EssentialContainerExited', containers: [{ exitCode: 137 }] });
  });

  it('holds no stop back once the machine is lost, nor when local ECS ends', async () => {
    const { sdk, arn, change } = await disconnected();
    await sdk.send(new StopTaskCommand({ task: arn }));
    await change('lose-instance');
    await reaches(sdk, arn, 'STOPPED');
    const ending = await disconnected();
    await ending.sdk.send(new StopTaskCommand({ task: ending.arn }));
  });
});
