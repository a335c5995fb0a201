import { DescribeInstancesCommand, DescribeNetworkInterfacesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  CreateClusterCommand,
  DeleteClusterCommand,
  DeregisterTaskDefinitionCommand,
  DescribeClustersCommand,
  ExecuteCommandCommand,
  ListClustersCommand,
  ListContainerInstancesCommand,
  ListTagsForResourceCommand,
  ListTaskDefinitionFamiliesCommand,
  ListTaskDefinitionsCommand,
  ListTasksCommand,
  PutClusterCapacityProvidersCommand,
  StopTaskCommand,
  UntagResourceCommand,
  UpdateClusterCommand,
} from '@aws-sdk/client-ecs';
import { findAnswerFaults, findRequestFaults } from '../../kit/ecs/ecs-model.ts';
import { eventually } from '../../kit/eventually.ts';
import { reaches, register, run, startSdkEcs, STARTS_AT_ONCE, describeTask } from '../../kit/ecs/sdk-ecs.ts';
import { shellContainer, testLauncher, type EcsAccess } from '../../kit/ecs/local-ecs.ts';
import { signedFetch } from '../../kit/network/signed-fetch.ts';
import { takeModelFaults } from '../../kit/ecs/watched-sdk.ts';

function openEc2({ endpoint, accessKey }: EcsAccess): EC2Client {
  const credentials = { ...accessKey, secretAccessKey: accessKey.secretAccessKey.reveal() };
  const ec2 = new EC2Client({ region: 'local', endpoint, credentials, maxAttempts: 1 });
  onTestFinished(() => ec2.destroy());
  return ec2;
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
    const { sdk, client } = await startSdkEcs();
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

describe('lists of local ECS', () => {
  it('come in pages, each with the token of the next', async () => {
    const { sdk } = await startSdkEcs({ instances: 3 });
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
    const { sdk } = await startSdkEcs({ instances: 2 });
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
    const { sdk } = await startSdkEcs();
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
    const { sdk } = await startSdkEcs();
    const settings = [{ name: 'containerInsights' as const, value: 'enabled' }];
    await sdk.send(new CreateClusterCommand({ clusterName: 'second', tags: [{ key: 'a', value: '1' }] }));
    await sdk.send(new UpdateClusterCommand({ cluster: 'second', settings }));
    const plain = await sdk.send(new DescribeClustersCommand({ clusters: ['second'] }));
    expect(plain.clusters?.[0]).toMatchObject({ tags: [], settings: [] });
    const full = await sdk.send(new DescribeClustersCommand({ clusters: ['second'], include: ['TAGS', 'SETTINGS'] }));
    expect(full.clusters?.[0]).toMatchObject({ tags: [{ key: 'a', value: '1' }], settings });
  });

  it('take tags away', async () => {
    const { sdk } = await startSdkEcs();
    const tags = ['a', 'b'].map((key) => ({ key, value: '1' }));
    const resourceArn = (await run(sdk, { tags })).tasks?.[0]?.taskArn;
    await sdk.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a'] }));
    expect((await sdk.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual([{ key: 'b', value: '1' }]);
    expect((await describeTask(sdk, resourceArn)).tags).toEqual([]);
  });

  it('open no shell in a task that was not run with one', async () => {
    const { sdk } = await startSdkEcs();
    const task = (await run(sdk)).tasks?.[0]?.taskArn;
    const call = new ExecuteCommandCommand({ task, command: 'sh', interactive: true });
    await expect(sdk.send(call)).rejects.toThrow(/execute command was not enabled/);
  });

  it('carry the id of the request', async () => {
    const { sdk, ecs } = await startSdkEcs();
    expect((await sdk.send(new ListClustersCommand({}))).$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
    const refused = await signedFetch(ecs, ecs.endpoint, { method: 'POST', body: '{}' });
    expect(refused.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('DeleteCluster of local ECS', () => {
  it('waits for a container that still stops: it succeeded as soon as StopTask was called', async () => {
    // It does not hear of SIGTERM, and so it runs for its whole stopTimeout.
    const deaf = shellContainer("trap '' TERM; while :; do sleep 0.05; done");
    const { sdk, ecs } = await startSdkEcs({ ...STARTS_AT_ONCE, launcher: testLauncher(deaf) });
    const task = (await run(sdk)).tasks?.[0]?.taskArn;
    const remove = (): Promise<unknown> => sdk.send(new DeleteClusterCommand({ cluster: 'default' }));
    await reaches(sdk, task, 'RUNNING');
    await expect(remove()).rejects.toThrow('The Cluster cannot be deleted while Tasks are active.');
    await sdk.send(new StopTaskCommand({ task }));
    await reaches(sdk, task, 'STOPPING');
    await expect(remove()).rejects.toMatchObject({ name: 'ClusterContainsTasksException' });
    await ecs.injectFault({ kind: 'crash', task: task ?? '' });
    await reaches(sdk, task, 'STOPPED');
    expect(await remove()).toMatchObject({ cluster: { status: 'INACTIVE' } });
  });

  it('is as strict about a capacity provider that a stopping task came by', async () => {
    const deaf = shellContainer("trap '' TERM; while :; do sleep 0.05; done");
    const { sdk, ecs } = await startSdkEcs({ ...STARTS_AT_ONCE, launcher: testLauncher(deaf) });
    const provide = (...capacityProviders: string[]): Promise<unknown> =>
      sdk.send(
        new PutClusterCapacityProvidersCommand({
          cluster: 'default',
          capacityProviders,
          defaultCapacityProviderStrategy: [],
        }),
      );
    await provide('machines');
    const task = (await run(sdk, { capacityProviderStrategy: [{ capacityProvider: 'machines' }] })).tasks?.[0]?.taskArn;
    await reaches(sdk, task, 'RUNNING');
    await sdk.send(new StopTaskCommand({ task }));
    await reaches(sdk, task, 'STOPPING');
    await expect(provide()).rejects.toMatchObject({ name: 'ResourceInUseException' });
    await ecs.injectFault({ kind: 'crash', task: task ?? '' });
    await reaches(sdk, task, 'STOPPED');
    await provide();
  });
});

describe('faults of local ECS', () => {
  it.each(['reset-before', 'reset-after'] as const)('%s reaches the calls of EC2, which succeeded', async (kind) => {
    const { ecs } = await startSdkEcs();
    const ec2 = openEc2(ecs);
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      DescribeInstances: () => ec2.send(new DescribeInstancesCommand({})),
      DescribeNetworkInterfaces: () => ec2.send(new DescribeNetworkInterfacesCommand({})),
    };
    for (const [action, call] of Object.entries(calls)) {
      ecs.faults.add([{ kind, action }]);
      await expect(call(), action).rejects.toMatchObject({ code: 'ECONNRESET' });
      expect(ecs.faults.list()).toEqual([]);
      await call();
    }
  });

  it('a lost machine ends its tasks, and no other', async () => {
    const { sdk, ecs } = await startSdkEcs({ ...STARTS_AT_ONCE, instances: 2 });
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
    const { sdk, ecs } = await startSdkEcs(STARTS_AT_ONCE);
    ecs.faults.add([{ kind: 'provisioning-expires', reason: 'Timeout waiting for EC2 capacity' }]);
    const task = await reaches(sdk, (await run(sdk)).tasks?.[0]?.taskArn, 'STOPPED');
    expect(task).toMatchObject({ stopCode: 'TaskFailedToStart', containers: [] });
  });

  it('a task that is over is shown as RUNNING', async () => {
    const { sdk, ecs } = await startSdkEcs(STARTS_AT_ONCE);
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
    const { sdk, ecs } = await startSdkEcs();
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
      const { sdk, ecs } = await startSdkEcs();
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
