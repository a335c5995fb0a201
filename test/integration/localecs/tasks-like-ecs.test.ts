import { describe, expect, it } from 'vitest';
import {
  DescribeContainerInstancesCommand,
  ListContainerInstancesCommand,
  ListTasksCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import { FARGATE, reaches, register, run, startSdkEcs, STARTS_AT_ONCE, SUBNET } from '../../kit/ecs/sdk-ecs.ts';

describe('RunTask of local ECS', () => {
  it('answers all three tasks of a repeated token', async () => {
    const { sdk } = await startSdkEcs();
    const first = await run(sdk, { count: 3, clientToken: 'three' });
    const again = await run(sdk, { count: 3, clientToken: 'three' });
    const arns = (tasks: Task[] = []): (string | undefined)[] => tasks.map(({ taskArn }) => taskArn);
    expect(arns(first.tasks)).toHaveLength(3);
    expect(arns(again.tasks)).toEqual(arns(first.tasks));
    expect((await sdk.send(new ListTasksCommand({}))).taskArns).toHaveLength(3);
  });

  it('places as many tasks as there is memory for, and says what the rest lacks', async () => {
    const { sdk } = await startSdkEcs({ resources: { cpu: 4096, memory: 3 * 1024 } });
    const { tasks, failures } = await run(sdk, { count: 10 });
    expect(tasks).toHaveLength(3);
    expect(failures).toMatchObject([{ reason: 'RESOURCE:MEMORY' }]);
    const { containerInstanceArns } = await sdk.send(new ListContainerInstancesCommand({}));
    const { containerInstances } = await sdk.send(
      new DescribeContainerInstancesCommand({ containerInstances: containerInstanceArns }),
    );
    const left = containerInstances?.[0]?.remainingResources?.find(({ name }) => name === 'MEMORY');
    expect(left).toMatchObject({ integerValue: 0 });
  });

  it('spreads over the instances, and gives each host port of one away once', async () => {
    const { sdk } = await startSdkEcs({ instances: 2 });
    const portMappings = [{ containerPort: 22, hostPort: 8022 }];
    await register(sdk, { containerDefinitions: [{ name: 'build', image: 'none', memory: 64, portMappings }] });
    const { tasks, failures } = await run(sdk, { taskDefinition: 'f', count: 3 });
    expect(new Set(tasks?.map(({ containerInstanceArn }) => containerInstanceArn)).size).toBe(2);
    expect(failures?.map(({ reason }) => reason)).toEqual(['RESOURCE:PORTS', 'RESOURCE:PORTS']);
  });

  it('says that a cluster has no container instances', async () => {
    const { sdk, ecs } = await startSdkEcs();
    const { containerInstanceArns = [] } = await sdk.send(new ListContainerInstancesCommand({}));
    await ecs.injectFault({ kind: 'lose-instance', cluster: 'default', containerInstance: containerInstanceArns[0]! });
    await expect(run(sdk)).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'No Container Instances were found in your cluster.',
    });
  });

  it('refuses a launch that the definition is not for', async () => {
    const { sdk } = await startSdkEcs();
    await register(sdk, { family: 'fargate', ...FARGATE });
    await expect(run(sdk, { launchType: 'FARGATE' })).rejects.toThrow(/does not support launch_type FARGATE/);
    await expect(run(sdk, { taskDefinition: 'fargate', launchType: 'FARGATE' })).rejects.toThrow(
      /Network Configuration must be provided when networkMode 'awsvpc' is specified/,
    );
    await expect(run(sdk, SUBNET)).rejects.toThrow(/not valid for the given networkMode/);
    const both = { launchType: 'EC2' as const, capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] };
    await expect(run(sdk, both)).rejects.toThrow(/both a launch type and capacity provider strategy/);
  });

  it('runs on Fargate with an interface of its own and on no instance, by launch type and by capacity provider', async () => {
    const { sdk } = await startSdkEcs(STARTS_AT_ONCE);
    await register(sdk, { family: 'fargate', ...FARGATE });
    const request = { taskDefinition: 'fargate', ...SUBNET };
    const byType = await run(sdk, { ...request, launchType: 'FARGATE' });
    const byProvider = await run(sdk, { ...request, capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }] });
    for (const answer of [byType, byProvider]) {
      const task = await reaches(sdk, answer.tasks?.[0]?.taskArn, 'RUNNING');
      expect(task).toMatchObject({ launchType: 'FARGATE', platformVersion: '1.4.0' });
      expect(task.containerInstanceArn).toBeUndefined();
      expect(task.attachments).toMatchObject([{ type: 'ElasticNetworkInterface', status: 'ATTACHED' }]);
      expect(task.containers?.[0]?.networkInterfaces).toMatchObject([{ privateIpv4Address: '127.0.0.1' }]);
    }
    expect(byProvider.tasks?.[0]).toMatchObject({ capacityProviderName: 'FARGATE_SPOT' });
    expect((await sdk.send(new ListTasksCommand({ launchType: 'EC2' }))).taskArns).toEqual([]);
  });

  it('tells when the image was pulled', async () => {
    const { sdk } = await startSdkEcs(STARTS_AT_ONCE);
    const task = await reaches(sdk, (await run(sdk)).tasks?.[0]?.taskArn, 'RUNNING');
    expect(task.pullStartedAt).toBeInstanceOf(Date);
    expect(task.pullStoppedAt!.getTime()).toBeLessThanOrEqual(task.startedAt!.getTime());
  });
});

describe('RegisterTaskDefinition of local ECS', () => {
  const container = { name: 'build', image: 'none', memory: 64 };
  const host = [{ name: 'v', host: { sourcePath: '/srv' } }];
  it.each([
    ['no container', { containerDefinitions: [] }, /should not be empty/],
    ['a container without an image', { containerDefinitions: [{ name: 'a', memory: 64 }] }, /image should not be null/],
    ['no memory at all', { containerDefinitions: [{ name: 'a', image: 'i' }] }, /At least one of 'memory'/],
    [
      'less memory than is reserved',
      { containerDefinitions: [{ ...container, memoryReservation: 65 }] },
      /at least 'mem/,
    ],
    ['two containers of one name', { containerDefinitions: [container, container] }, /must be unique/],
    ['a size that is none', { cpu: 'much' }, /Invalid 'cpu' setting for task/],
    ['no essential container', { containerDefinitions: [{ ...container, essential: false }] }, /must be essential/],
    [
      'a mount of no volume',
      { containerDefinitions: [{ ...container, mountPoints: [{ sourceVolume: 'v', containerPath: '/v' }] }] },
      /Unknown volume 'v'/,
    ],
    ['Fargate without awsvpc', { ...FARGATE, networkMode: 'bridge' as const }, /only supports network mode/],
    ['Fargate without cpu', { ...FARGATE, cpu: undefined }, /requires that 'cpu'/],
    ['Fargate with too much memory for its cpu', { ...FARGATE, memory: '8192' }, /No Fargate configuration/],
    ['Fargate with a directory of the host', { ...FARGATE, volumes: host }, /do not support sourcePath/],
    [
      'Fargate with a long stopTimeout',
      { ...FARGATE, containerDefinitions: [{ ...container, stopTimeout: 121 }] },
      /maximum stopTimeout/,
    ],
    [
      'awsvpc with two numbers for a port',
      {
        networkMode: 'awsvpc' as const,
        containerDefinitions: [{ ...container, portMappings: [{ containerPort: 22, hostPort: 23 }] }],
      },
      /host ports and container ports in port mappings must match/,
    ],
  ])('refuses %s', async (_what, definition, message) => {
    const { sdk } = await startSdkEcs();
    const refused = register(sdk, definition);
    await expect(refused).rejects.toMatchObject({ name: 'ClientException' });
    await expect(refused).rejects.toThrow(message);
  });

  it('takes cpu and memory of a task in words, and gives them away once', async () => {
    const { sdk } = await startSdkEcs({ resources: { cpu: 4096, memory: 4096 } });
    await register(sdk, { ...FARGATE, cpu: '1 vCPU', memory: '2 GB' });
    await register(sdk, { family: 'words', cpu: '0.5 vCPU', memory: '2 GB' });
    const { tasks, failures } = await run(sdk, { taskDefinition: 'words', count: 3 });
    expect(tasks?.map(({ cpu, memory }) => [cpu, memory])).toEqual(Array(2).fill(['512', '2048']));
    expect(failures).toMatchObject([{ reason: 'RESOURCE:MEMORY' }]);
  });
});

describe('sizes in the overrides of RunTask', () => {
  it('count for placement and are shown, instead of those of the definition', async () => {
    const { sdk } = await startSdkEcs({ resources: { cpu: 4096, memory: 4096 } });
    const overrides = { containerOverrides: [{ name: 'build', cpu: 512, memory: 3000 }] };
    const first = await run(sdk, { overrides });
    expect(first.tasks).toMatchObject([{ cpu: '512', memory: '3000', containers: [{ memory: '3000' }] }]);
    expect((await run(sdk, { overrides })).failures).toMatchObject([{ reason: 'RESOURCE:MEMORY' }]);
    expect((await run(sdk)).tasks).toHaveLength(1);
  });

  it('must be a pair that Fargate has', async () => {
    const { sdk } = await startSdkEcs();
    await register(sdk, FARGATE);
    const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-1'] } };
    const request = { taskDefinition: 'f', launchType: 'FARGATE' as const, networkConfiguration };
    const sized = await run(sdk, { ...request, overrides: { cpu: '2048', memory: '8192' } });
    expect(sized.tasks).toMatchObject([{ cpu: '2048', memory: '8192' }]);
    const refused = run(sdk, { ...request, overrides: { cpu: '2048', memory: '1024' } });
    await expect(refused).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(refused).rejects.toThrow(/No Fargate configuration exists for given values/);
  });
});
