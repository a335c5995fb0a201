import { afterEach, describe, expect, it } from 'vitest';
import {
  CreateClusterCommand,
  DeregisterTaskDefinitionCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeTasksCommand,
  type ECSClient,
  ExecuteCommandCommand,
  ListClustersCommand,
  ListContainerInstancesCommand,
  ListTagsForResourceCommand,
  ListTaskDefinitionFamiliesCommand,
  ListTaskDefinitionsCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  type RunTaskCommandInput,
  StopTaskCommand,
  type Task,
  UntagResourceCommand,
  UpdateClusterCommand,
} from '@aws-sdk/client-ecs';
import type { LocalEcsOptions } from '../../../controlplane/localecs/start-local-ecs.ts';
import { findAnswerFaults, findRequestFaults } from '../../kit/ecs-model.ts';
import { eventually } from '../../kit/eventually.ts';
import { takeModelFaults } from '../../kit/watched-sdk.ts';
import { openSdk, PATIENT_CONTAINER, startTestEcs, type TestEcs } from '../../kit/local-ecs.ts';
import { signedFetch } from '../../kit/signed-fetch.ts';

const open: { close: () => Promise<void> | void }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** Containers stay in PROVISIONING unless told otherwise: placement needs no process. */
async function begin(options: Partial<LocalEcsOptions> = {}): Promise<TestEcs & { sdk: ECSClient }> {
  const test = await startTestEcs(PATIENT_CONTAINER, { delays: { PROVISIONING: 60_000 }, ...options });
  const sdk = openSdk(test.ecs);
  open.push(test, { close: () => sdk.destroy() });
  return { ...test, sdk };
}

const STARTS_AT_ONCE = { delays: {} };

async function register(sdk: ECSClient, definition: Partial<RegisterTaskDefinitionCommandInput>): Promise<void> {
  const containerDefinitions = [{ name: 'build', image: 'none', memory: 64 }];
  await sdk.send(new RegisterTaskDefinitionCommand({ family: 'f', containerDefinitions, ...definition }));
}

const FARGATE: Partial<RegisterTaskDefinitionCommandInput> = {
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  cpu: '256',
  memory: '512',
};
const SUBNET = { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } } };

async function run(sdk: ECSClient, request: Partial<RunTaskCommandInput> = {}) {
  return await sdk.send(new RunTaskCommand({ taskDefinition: 'WIP_test', ...request }));
}

async function describeTask(sdk: ECSClient, arn = ''): Promise<Task> {
  const { tasks = [] } = await sdk.send(new DescribeTasksCommand({ tasks: [arn] }));
  if (!tasks[0]) throw new Error(`no task ${arn}`);
  return tasks[0];
}

function reaches(sdk: ECSClient, arn: string | undefined, status: string): Promise<Task> {
  return eventually(`${arn} ${status}`, async () => {
    const task = await describeTask(sdk, arn);
    return task.lastStatus === status ? task : null;
  });
}

describe('the model that all requests and answers here are held against', () => {
  it('finds strange members, wrong types and what a request lacks', () => {
    const answer = { tasks: [{ taskArn: 7, colour: 'red', startedAt: '2026-11-28', containers: {} }] };
    expect(findAnswerFaults('DescribeTasks', answer)).toEqual([
      'DescribeTasks.tasks[0].taskArn is 7 and not a string',
      'DescribeTasks.tasks[0] has no member colour',
      'DescribeTasks.tasks[0].startedAt is "2026-11-28" and not a timestamp',
      'DescribeTasks.tasks[0].containers is no list',
    ]);
    expect(findRequestFaults('RunTask', { count: '3' })).toEqual([
      'RunTask lacks taskDefinition',
      'RunTask.count is "3" and not a number',
    ]);
  });

  it('is held against whatever any client of this process sends', async () => {
    const { sdk, client } = await begin();
    await expect(sdk.send(new ListTasksCommand({ maxResults: '7' as never }))).rejects.toThrow('maxResults');
    await client.registerTaskDefinition({
      family: 'f',
      containerDefinitions: [{ name: 'a', image: 'b', memory: 64 }],
      colour: 'red',
    } as never);
    expect(takeModelFaults()).toEqual([
      // Once as it was given, once as it was sent.
      'ListTasks.maxResults is "7" and not a number',
      'ListTasks.maxResults is "7" and not a number',
      // The SDK does not send it.
      'RegisterTaskDefinition has no member colour',
    ]);
  });
});

describe('RunTask of local ECS', () => {
  it('answers all three tasks of a repeated token', async () => {
    const { sdk } = await begin();
    const first = await run(sdk, { count: 3, clientToken: 'three' });
    const again = await run(sdk, { count: 3, clientToken: 'three' });
    const arns = (tasks: Task[] = []): (string | undefined)[] => tasks.map(({ taskArn }) => taskArn);
    expect(arns(first.tasks)).toHaveLength(3);
    expect(arns(again.tasks)).toEqual(arns(first.tasks));
    expect((await sdk.send(new ListTasksCommand({}))).taskArns).toHaveLength(3);
  });

  it('places as many tasks as there is memory for, and says what the rest lacks', async () => {
    const { sdk } = await begin({ resources: { cpu: 4096, memory: 3 * 1024 } });
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
    const { sdk } = await begin({ instances: 2 });
    const portMappings = [{ containerPort: 22, hostPort: 8022 }];
    await register(sdk, { containerDefinitions: [{ name: 'build', image: 'none', memory: 64, portMappings }] });
    const { tasks, failures } = await run(sdk, { taskDefinition: 'f', count: 3 });
    expect(new Set(tasks?.map(({ containerInstanceArn }) => containerInstanceArn)).size).toBe(2);
    expect(failures?.map(({ reason }) => reason)).toEqual(['RESOURCE:PORTS', 'RESOURCE:PORTS']);
  });

  it('says that a cluster has no container instances', async () => {
    const { sdk, ecs } = await begin();
    const { containerInstanceArns = [] } = await sdk.send(new ListContainerInstancesCommand({}));
    await ecs.injectFault({ kind: 'lose-instance', cluster: 'default', containerInstance: containerInstanceArns[0]! });
    await expect(run(sdk)).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'No Container Instances were found in your cluster.',
    });
  });

  it('refuses a launch that the definition is not for', async () => {
    const { sdk } = await begin();
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
    const { sdk } = await begin(STARTS_AT_ONCE);
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
    const { sdk } = await begin(STARTS_AT_ONCE);
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
    const { sdk } = await begin();
    const refused = register(sdk, definition);
    await expect(refused).rejects.toMatchObject({ name: 'ClientException' });
    await expect(refused).rejects.toThrow(message);
  });

  it('takes cpu and memory of a task in words, and gives them away once', async () => {
    const { sdk } = await begin({ resources: { cpu: 4096, memory: 4096 } });
    await register(sdk, { ...FARGATE, cpu: '1 vCPU', memory: '2 GB' });
    await register(sdk, { family: 'words', cpu: '0.5 vCPU', memory: '2 GB' });
    const { tasks, failures } = await run(sdk, { taskDefinition: 'words', count: 3 });
    expect(tasks?.map(({ cpu, memory }) => [cpu, memory])).toEqual(Array(2).fill(['512', '2048']));
    expect(failures).toMatchObject([{ reason: 'RESOURCE:MEMORY' }]);
  });
});

describe('lists of local ECS', () => {
  it('come in pages, each with the token of the next', async () => {
    const { sdk } = await begin({ instances: 3 });
    for (const family of ['a', 'b', 'c']) await register(sdk, { family });
    for (const clusterName of ['second', 'third']) await sdk.send(new CreateClusterCommand({ clusterName }));
    type Page = { readonly items: readonly string[] | undefined; readonly nextToken: string | undefined };
    const lists: ((page: { maxResults: number; nextToken?: string }) => Promise<Page>)[] = [
      async (page) => {
        const { taskDefinitionArns, nextToken } = await sdk.send(new ListTaskDefinitionsCommand(page));
        return { items: taskDefinitionArns, nextToken };
      },
      async (page) => {
        const { families, nextToken } = await sdk.send(new ListTaskDefinitionFamiliesCommand(page));
        return { items: families, nextToken };
      },
      async (page) => {
        const { clusterArns, nextToken } = await sdk.send(new ListClustersCommand(page));
        return { items: clusterArns, nextToken };
      },
      async (page) => {
        const { containerInstanceArns, nextToken } = await sdk.send(new ListContainerInstancesCommand(page));
        return { items: containerInstanceArns, nextToken };
      },
    ];
    for (const list of lists) {
      const first = await list({ maxResults: 2 });
      expect(first.items).toHaveLength(2);
      const second = await list({
        maxResults: 2,
        ...(first.nextToken !== undefined && { nextToken: first.nextToken }),
      });
      expect(second.items?.filter((item) => first.items?.includes(item))).toEqual([]);
      expect(second.items?.length).toBeGreaterThan(0);
      expect(second.nextToken).toBeUndefined();
    }
    await expect(sdk.send(new ListClustersCommand({ nextToken: 'made-up' }))).rejects.toThrow(/Invalid token/);
  });

  it('of tasks are filtered by instance, by launch type and by family, or by startedBy alone', async () => {
    const { sdk } = await begin({ instances: 2 });
    const { tasks = [] } = await run(sdk, { count: 2, startedBy: 'me' });
    const [first] = tasks;
    const containerInstance = first?.containerInstanceArn;
    expect((await sdk.send(new ListTasksCommand({ containerInstance }))).taskArns).toEqual([first?.taskArn]);
    expect((await sdk.send(new ListTasksCommand({ launchType: 'FARGATE' }))).taskArns).toEqual([]);
    expect((await sdk.send(new ListTasksCommand({ startedBy: 'me' }))).taskArns).toHaveLength(2);
    await expect(sdk.send(new ListTasksCommand({ startedBy: 'me', family: 'f' }))).rejects.toThrow(/only filter/);
    await expect(sdk.send(new ListTasksCommand({ serviceName: 'web' }))).rejects.toMatchObject({
      name: 'ServiceNotFoundException',
    });
  });

  it('of families know which are active', async () => {
    const { sdk } = await begin();
    await register(sdk, { family: 'WIP_old' });
    await sdk.send(new DeregisterTaskDefinitionCommand({ taskDefinition: 'WIP_old:1' }));
    const families = async (status: 'ACTIVE' | 'INACTIVE' | 'ALL'): Promise<string[] | undefined> =>
      (await sdk.send(new ListTaskDefinitionFamiliesCommand({ status, familyPrefix: 'WIP_' }))).families;
    expect(await families('ACTIVE')).toEqual(['WIP_test']);
    expect(await families('INACTIVE')).toEqual(['WIP_old']);
    expect(await families('ALL')).toEqual(['WIP_old', 'WIP_test']);
  });
});

describe('other calls of local ECS', () => {
  it('show tags, settings and configuration of a cluster to who asks for them', async () => {
    const { sdk } = await begin();
    const settings = [{ name: 'containerInsights' as const, value: 'enabled' }];
    await sdk.send(new CreateClusterCommand({ clusterName: 'second', tags: [{ key: 'a', value: '1' }] }));
    await sdk.send(new UpdateClusterCommand({ cluster: 'second', settings }));
    const plain = await sdk.send(new DescribeClustersCommand({ clusters: ['second'] }));
    expect(plain.clusters?.[0]).toMatchObject({ tags: [], settings: [] });
    const full = await sdk.send(new DescribeClustersCommand({ clusters: ['second'], include: ['TAGS', 'SETTINGS'] }));
    expect(full.clusters?.[0]).toMatchObject({ tags: [{ key: 'a', value: '1' }], settings });
  });

  it('take tags away', async () => {
    const { sdk } = await begin();
    const tags = ['a', 'b'].map((key) => ({ key, value: '1' }));
    const resourceArn = (await run(sdk, { tags })).tasks?.[0]?.taskArn;
    await sdk.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a'] }));
    expect((await sdk.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual([{ key: 'b', value: '1' }]);
    expect((await describeTask(sdk, resourceArn)).tags).toEqual([]);
  });

  it('open no shell in a task that was not run with one', async () => {
    const { sdk } = await begin();
    const task = (await run(sdk)).tasks?.[0]?.taskArn;
    const call = new ExecuteCommandCommand({ task, command: 'sh', interactive: true });
    await expect(sdk.send(call)).rejects.toThrow(/execute command was not enabled/);
  });

  it('carry the id of the request', async () => {
    const { sdk, ecs } = await begin();
    expect((await sdk.send(new ListClustersCommand({}))).$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
    const refused = await signedFetch(ecs, ecs.endpoint, { method: 'POST', body: '{}' });
    expect(refused.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('faults of local ECS', () => {
  it('a lost machine ends its tasks, and no other', async () => {
    const { sdk, ecs } = await begin({ ...STARTS_AT_ONCE, instances: 2 });
    const { tasks = [] } = await run(sdk, { count: 2 });
    const [lost, kept] = tasks;
    await reaches(sdk, lost?.taskArn, 'RUNNING');
    await reaches(sdk, kept?.taskArn, 'RUNNING');
    const containerInstance = lost?.containerInstanceArn ?? '';
    await ecs.injectFault({ kind: 'lose-instance', cluster: 'default', containerInstance });
    expect(await reaches(sdk, lost?.taskArn, 'STOPPED')).toMatchObject({
      stopCode: 'TerminationNotice',
      stoppedReason: expect.stringMatching(/^Host EC2 \(instance i-\w+\) terminated\.$/) as string,
    });
    expect(await describeTask(sdk, kept?.taskArn)).toMatchObject({ lastStatus: 'RUNNING' });
    expect((await sdk.send(new ListContainerInstancesCommand({}))).containerInstanceArns).toHaveLength(1);
  });

  it('a task without capacity ends in PROVISIONING with no container', async () => {
    const { sdk, ecs } = await begin(STARTS_AT_ONCE);
    ecs.faults.add([{ kind: 'provisioning-expires', reason: 'Timeout waiting for EC2 capacity' }]);
    const task = await reaches(sdk, (await run(sdk)).tasks?.[0]?.taskArn, 'STOPPED');
    expect(task).toMatchObject({ stopCode: 'TaskFailedToStart', containers: [] });
  });

  it('a task that is over is shown as RUNNING', async () => {
    const { sdk, ecs } = await begin(STARTS_AT_ONCE);
    const task = (await run(sdk)).tasks?.[0]?.taskArn;
    await reaches(sdk, task, 'RUNNING');
    ecs.faults.add([{ kind: 'shown-as-running' }]);
    await sdk.send(new StopTaskCommand({ task }));
    await eventually(
      'the end',
      async () => (await sdk.send(new ListTasksCommand({ desiredStatus: 'STOPPED' }))).taskArns?.length,
    );
    await reaches(sdk, task, 'RUNNING');
    ecs.faults.clear();
    await reaches(sdk, task, 'STOPPED');
  });

  it('calls beyond the rates of an account are throttled', async () => {
    const { sdk, ecs } = await begin();
    ecs.faults.add([{ kind: 'quotas' }]);
    const calls = Array.from({ length: 25 }, (_, index) =>
      sdk.send(new CreateClusterCommand({ clusterName: `c${index}` })),
    );
    const outcomes = await Promise.allSettled(calls);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    // A burst of 20, and one a second.
    expect(refused.length).toBeGreaterThan(0);
    expect(outcomes.length - refused.length).toBeGreaterThanOrEqual(20);
    for (const { reason } of refused) expect(reason).toMatchObject({ name: 'ThrottlingException' });
  });

  it('faults by chance are the same for the same seed', async () => {
    const outcomes = async (seed: number): Promise<string[]> => {
      const { sdk, ecs } = await begin();
      ecs.faults.add([
        { kind: 'schedule', seed, probability: 0.5, faults: [{ kind: 'throttle' }, { kind: 'server-error' }] },
      ]);
      const seen: string[] = [];
      for (let call = 0; call < 20; call += 1) {
        seen.push(
          await sdk.send(new ListClustersCommand({})).then(
            () => 'ok',
            (error: Error) => error.name,
          ),
        );
      }
      return seen;
    };
    const first = await outcomes(7);
    expect(await outcomes(7)).toEqual(first);
    expect(await outcomes(8)).not.toEqual(first);
    expect(new Set(first)).toEqual(new Set(['ok', 'ThrottlingException', 'ServerException']));
  });
});
