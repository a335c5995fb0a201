import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  CreateClusterCommand,
  DeleteClusterCommand,
  DeleteTaskDefinitionsCommand,
  DeregisterTaskDefinitionCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ExecuteCommandCommand,
  ListContainerInstancesCommand,
  ListTagsForResourceCommand,
  ListTasksCommand,
  StopTaskCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateClusterCommand,
  type ECSClient,
} from '@aws-sdk/client-ecs';
import { openSdk, PATIENT_CONTAINER, startTestEcs } from '../../kit/local-ecs.ts';
import { describeTask, run, startSdkEcs } from '../../kit/sdk-ecs.ts';

/** ARNs that end as this one, of things that are not here. */
function foreign(arn: string): readonly string[] {
  const at = (index: number, value: string): string =>
    arn
      .split(':')
      .map((part, position) => (position === index ? value : part))
      .join(':');
  return [
    at(1, 'aws-cn'),
    at(2, 'ec2'),
    at(3, 'eu-west-1'),
    at(4, '111122223333'),
    arn.replace(/:(task|cluster|container-instance|task-definition)\//, ':service/'),
    `arn:${arn.replace(/^.*[:/]/, '')}`,
  ];
}

async function arnsOf(sdk: ECSClient) {
  const taskArn = (await run(sdk)).tasks?.[0]?.taskArn ?? '';
  const { containerInstanceArns: [instanceArn = ''] = [] } = await sdk.send(new ListContainerInstancesCommand({}));
  return {
    taskArn,
    instanceArn,
    clusterArn: 'arn:aws:ecs:local:000000000000:cluster/default',
    definitionArn: 'arn:aws:ecs:local:000000000000:task-definition/WIP_test:1',
  };
}

describe('an ARN of another account, region, partition, service or kind', () => {
  it('neither stops nor shows the local task of the same id', async () => {
    const { sdk } = await startSdkEcs();
    const { taskArn } = await arnsOf(sdk);
    for (const task of foreign(taskArn)) {
      await expect(sdk.send(new StopTaskCommand({ task })), task).rejects.toThrow('The referenced task was not found.');
      const call = new ExecuteCommandCommand({ task, command: 'sh', interactive: true });
      await expect(sdk.send(call), task).rejects.toThrow('The referenced task was not found.');
      expect(await sdk.send(new DescribeTasksCommand({ tasks: [task] }))).toMatchObject({
        tasks: [],
        failures: [{ arn: task, reason: 'MISSING' }],
      });
    }
    expect(await describeTask(sdk, taskArn)).toMatchObject({ desiredStatus: 'RUNNING' });
  });

  it('neither tags nor shows the tags of what is here, and a bare name is no ARN', async () => {
    const { sdk } = await startSdkEcs();
    const { taskArn, clusterArn, definitionArn } = await arnsOf(sdk);
    const names = ['default', 'WIP_test:1', taskArn.replace(/^.*\//, '')];
    const tags = [{ key: 'a', value: '1' }];
    for (const resourceArn of [...[taskArn, clusterArn, definitionArn].flatMap(foreign), ...names]) {
      for (const refused of [
        sdk.send(new TagResourceCommand({ resourceArn, tags })),
        sdk.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a'] })),
        sdk.send(new ListTagsForResourceCommand({ resourceArn })),
      ]) {
        await expect(refused, resourceArn).rejects.toMatchObject({ name: 'InvalidParameterException' });
      }
    }
    for (const resourceArn of [taskArn, clusterArn, definitionArn]) {
      expect((await sdk.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual([]);
      await sdk.send(new TagResourceCommand({ resourceArn, tags }));
      expect((await sdk.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual(tags);
    }
  });

  it('names no cluster that is here', async () => {
    const { sdk } = await startSdkEcs();
    const { clusterArn, taskArn } = await arnsOf(sdk);
    for (const cluster of foreign(clusterArn)) {
      for (const refused of [
        run(sdk, { cluster }),
        sdk.send(new ListTasksCommand({ cluster })),
        sdk.send(new StopTaskCommand({ cluster, task: taskArn })),
        sdk.send(new UpdateClusterCommand({ cluster })),
        sdk.send(new DeleteClusterCommand({ cluster })),
      ]) {
        await expect(refused, cluster).rejects.toMatchObject({ name: 'ClusterNotFoundException' });
      }
      expect(await sdk.send(new DescribeClustersCommand({ clusters: [cluster] }))).toMatchObject({
        clusters: [],
        failures: [{ arn: cluster, reason: 'MISSING' }],
      });
    }
    expect((await sdk.send(new DescribeClustersCommand({ clusters: [clusterArn] }))).clusters).toHaveLength(1);
  });

  it('names no task definition that is here', async () => {
    const { sdk } = await startSdkEcs();
    const { definitionArn } = await arnsOf(sdk);
    for (const taskDefinition of foreign(definitionArn)) {
      for (const refused of [
        run(sdk, { taskDefinition }),
        sdk.send(new DescribeTaskDefinitionCommand({ taskDefinition })),
        sdk.send(new DeregisterTaskDefinitionCommand({ taskDefinition })),
      ]) {
        await expect(refused, taskDefinition).rejects.toMatchObject({ name: 'ClientException' });
      }
      const deleted = await sdk.send(new DeleteTaskDefinitionsCommand({ taskDefinitions: [taskDefinition] }));
      expect(deleted.failures, taskDefinition).toHaveLength(1);
    }
    const unrevised = sdk.send(
      new DeregisterTaskDefinitionCommand({ taskDefinition: definitionArn.replace(/:\d+$/, '') }),
    );
    await expect(unrevised).rejects.toMatchObject({ message: 'Invalid revision number. Number: null' });
    expect((await run(sdk, { taskDefinition: definitionArn })).tasks).toHaveLength(1);
  });

  it('names no container instance that is here', async () => {
    const { sdk } = await startSdkEcs();
    const { instanceArn } = await arnsOf(sdk);
    for (const containerInstance of foreign(instanceArn)) {
      await expect(sdk.send(new ListTasksCommand({ containerInstance })), containerInstance).rejects.toThrow(
        'The referenced container instance was not found.',
      );
      const described = await sdk.send(
        new DescribeContainerInstancesCommand({ containerInstances: [containerInstance] }),
      );
      expect(described).toMatchObject({ containerInstances: [], failures: [{ reason: 'MISSING' }] });
    }
    expect((await sdk.send(new ListTasksCommand({ containerInstance: instanceArn }))).taskArns).toHaveLength(1);
  });
});

describe('the ARN of another cluster', () => {
  it('is refused with both names, whether the id is there or not', async () => {
    const { sdk } = await startSdkEcs();
    const { taskArn, instanceArn } = await arnsOf(sdk);
    await sdk.send(new CreateClusterCommand({ clusterName: 'second' }));
    const message = 'Invalid identifier: Identifier is for cluster second. Your cluster is default';
    const task = taskArn.replace('/default/', '/second/');
    await expect(sdk.send(new StopTaskCommand({ task }))).rejects.toThrow(message);
    await expect(sdk.send(new DescribeTasksCommand({ tasks: [task] }))).rejects.toThrow(message);
    const containerInstances = [instanceArn.replace('/default/', '/second/')];
    await expect(sdk.send(new DescribeContainerInstancesCommand({ containerInstances }))).rejects.toThrow(message);
    expect(await describeTask(sdk, taskArn)).toMatchObject({ desiredStatus: 'RUNNING' });
  });
});

describe('an ARN that local ECS gave', () => {
  it('is known after it was started again with another region', async () => {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'wip-ecs-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const before = await startTestEcs(PATIENT_CONTAINER, { directory, delays: { PROVISIONING: 60_000 } });
    const sdk = openSdk(before.ecs);
    const { taskArn = '' } = (await run(sdk)).tasks?.[0] ?? {};
    sdk.destroy();
    await before.close();
    const after = await startSdkEcs({ directory, region: 'eu-west-1' });
    expect(await describeTask(after.sdk, taskArn)).toMatchObject({ taskArn, lastStatus: 'STOPPED' });
    expect((await run(after.sdk, { taskDefinition: before.definitionArn })).tasks).toHaveLength(1);
  });
});
