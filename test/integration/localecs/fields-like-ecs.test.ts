import {
  DeleteTaskDefinitionsCommand,
  DeregisterTaskDefinitionCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  RegisterTaskDefinitionCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import {
  describeTask,
  FARGATE,
  reaches,
  register,
  run,
  startSdkEcs,
  STARTS_AT_ONCE,
  SUBNET,
} from '../../kit/ecs/sdk-ecs.ts';

const ACCOUNT = 'arn:aws:ecs:local:000000000000:';

describe('a definition of local ECS', () => {
  it.each([
    [{}, ['EXTERNAL', 'EC2']],
    [FARGATE, ['EC2', 'FARGATE']],
    [{ networkMode: 'awsvpc' as const }, ['EC2']],
  ])('says of %j which launch types it fits: it was what it requires', async (definition, compatibilities) => {
    const { sdk } = await startSdkEcs();
    await register(sdk, definition);
    const { taskDefinition } = await sdk.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'f' }));
    expect(taskDefinition?.compatibilities).toEqual(compatibilities);
  });
});

describe('a task of local ECS', () => {
  it.each([
    ['CannotPullContainerError: pull access denied', 'CannotPullContainerError: pull access denied'],
    ['no such file', 'CannotStartContainerError: no such file'],
  ])('says of its container why it did not start (%s): the reason was empty', async (reason, said) => {
    const { sdk, ecs } = await startSdkEcs(STARTS_AT_ONCE);
    ecs.faults.add([{ kind: 'start-error', reason }]);
    const task = await reaches(sdk, (await run(sdk)).tasks?.[0]?.taskArn, 'STOPPED');
    expect(task).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason: said,
      executionStoppedAt: expect.any(Date),
    });
    expect(task.containers).toMatchObject([{ lastStatus: 'STOPPED', reason: said }]);
    expect(task.containers?.[0]?.exitCode).toBeUndefined();
  });

  it('counts its changes, and says when its container stopped: its version was always 1', async () => {
    const { sdk } = await startSdkEcs(STARTS_AT_ONCE);
    const arn = (await run(sdk)).tasks?.[0]?.taskArn;
    const running = await reaches(sdk, arn, 'RUNNING');
    // PROVISIONING is the first, then PENDING, ACTIVATING and RUNNING.
    expect(running.version).toBe(4);
    expect(running.executionStoppedAt).toBeUndefined();
    await sdk.send(new StopTaskCommand({ task: arn }));
    const stopped = await reaches(sdk, arn, 'STOPPED');
    // The desired status, then DEACTIVATING, STOPPING, DEPROVISIONING and STOPPED.
    expect(stopped.version).toBe(9);
    const [began, ended, over] = [stopped.stoppingAt, stopped.executionStoppedAt, stopped.stoppedAt].map(Number);
    expect(ended).toBeGreaterThanOrEqual(began!);
    expect(over).toBeGreaterThanOrEqual(ended!);
    expect((await describeTask(sdk, arn)).version).toBe(9);
  });

  it('has no exit code when its machine is lost: it was 143', async () => {
    const { sdk, ecs } = await startSdkEcs(STARTS_AT_ONCE);
    const { taskArn, containerInstanceArn = '' } = (await run(sdk)).tasks?.[0] ?? {};
    await reaches(sdk, taskArn, 'RUNNING');
    await ecs.injectFault({ kind: 'lose-instance', cluster: 'default', containerInstance: containerInstanceArn });
    const lost = await reaches(sdk, taskArn, 'STOPPED');
    expect(lost.containers?.[0]).not.toHaveProperty('exitCode');
    expect(lost.stopCode).toBe('TerminationNotice');
  });
});

describe('what is missing', () => {
  it('is named by its ARN, also when it was asked for by its id', async () => {
    const { sdk } = await startSdkEcs();
    const id = '0123456789abcdef0123456789abcdef';
    const task = `${ACCOUNT}task/default/${id}`;
    const { failures } = await sdk.send(new DescribeTasksCommand({ tasks: [id, task] }));
    expect(failures).toEqual([task, task].map((arn) => ({ arn, reason: 'MISSING' })));
    const instance = `${ACCOUNT}container-instance/default/${id}`;
    const instances = await sdk.send(new DescribeContainerInstancesCommand({ containerInstances: [id, instance] }));
    expect(instances.failures).toEqual([instance, instance].map((arn) => ({ arn, reason: 'MISSING' })));
    const clusters = await sdk.send(new DescribeClustersCommand({ clusters: ['none'] }));
    expect(clusters.failures).toEqual([{ arn: `${ACCOUNT}cluster/none`, reason: 'MISSING' }]);
    const definitions = await sdk.send(new DeleteTaskDefinitionsCommand({ taskDefinitions: ['none:1'] }));
    expect(definitions.failures).toEqual([{ arn: `${ACCOUNT}task-definition/none:1`, reason: 'MISSING' }]);
  });
});

describe('a cluster of local ECS', () => {
  it('has statistics by launch type for who asks for them', async () => {
    const { sdk } = await startSdkEcs();
    await register(sdk, { family: 'fargate', ...FARGATE });
    await run(sdk, { count: 2 });
    await run(sdk, { taskDefinition: 'fargate', launchType: 'FARGATE', ...SUBNET });
    const { clusters } = await sdk.send(new DescribeClustersCommand({ include: ['STATISTICS'] }));
    const counts = Object.fromEntries((clusters?.[0]?.statistics ?? []).map(({ name, value }) => [name, value]));
    expect(counts).toEqual({
      runningEC2TasksCount: '0',
      runningFargateTasksCount: '0',
      pendingEC2TasksCount: '2',
      pendingFargateTasksCount: '1',
      activeEC2ServiceCount: '0',
      activeFargateServiceCount: '0',
      drainingEC2ServiceCount: '0',
      drainingFargateServiceCount: '0',
    });
    expect((await sdk.send(new DescribeClustersCommand({}))).clusters?.[0]?.statistics).toEqual([]);
  });
});

describe('a definition of local ECS', () => {
  it.each([
    ['bridge', 0],
    ['awsvpc', 22],
    ['host', 22],
  ] as const)('in the network %s has what ECS fills in', async (networkMode, hostPort) => {
    const { sdk } = await startSdkEcs();
    const portMappings = [{ containerPort: 22 }];
    const containerDefinitions = [{ name: 'build', image: 'none', memory: 64, portMappings }];
    const command = new RegisterTaskDefinitionCommand({ family: 'f', networkMode, containerDefinitions });
    const { taskDefinition } = await sdk.send(command);
    expect(taskDefinition).toMatchObject({ volumes: [], placementConstraints: [] });
    const filledIn = { cpu: 0, essential: true, environment: [], mountPoints: [], volumesFrom: [], systemControls: [] };
    expect(taskDefinition?.containerDefinitions).toEqual([
      {
        name: 'build',
        image: 'none',
        memory: 64,
        ...filledIn,
        portMappings: [{ containerPort: 22, hostPort, protocol: 'tcp' }],
      },
    ]);
    const described = await sdk.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'f' }));
    expect(described.taskDefinition).toEqual(taskDefinition);
  });

  it('keeps what was given', async () => {
    const { sdk } = await startSdkEcs();
    const portMappings = [{ containerPort: 22, hostPort: 8022, protocol: 'udp' as const }];
    const environment = [{ name: 'A', value: 'b' }];
    const container = { name: 'build', image: 'none', memory: 64, cpu: 7, essential: true, environment, portMappings };
    await register(sdk, { containerDefinitions: [container] });
    const { taskDefinition } = await sdk.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'f' }));
    expect(taskDefinition?.containerDefinitions?.[0]).toMatchObject(container);
  });

  it('says when it was deregistered', async () => {
    const { sdk } = await startSdkEcs();
    await register(sdk, {});
    const deregistered = await sdk.send(new DeregisterTaskDefinitionCommand({ taskDefinition: 'f:1' }));
    const { registeredAt, deregisteredAt } = deregistered.taskDefinition ?? {};
    expect(Number(deregisteredAt)).toBeGreaterThanOrEqual(Number(registeredAt));
    const { taskDefinition } = await sdk.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'f:1' }));
    expect(taskDefinition?.deregisteredAt).toEqual(deregisteredAt);
  });
});
