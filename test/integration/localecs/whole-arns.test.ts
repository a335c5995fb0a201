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
import { openSdk, PATIENT_CONTAINER, startTestEcs } from '../../kit/ecs/local-ecs.ts';
import { describeTask, run, startSdkEcs } from '../../kit/ecs/sdk-ecs.ts';

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

const NOT_HERE = expect.stringMatching(
  /^(?:(?:Task|Container Instance) Identifier is invalid|Invalid Region in ARN|Identifier is for 111122223333\. Your accountId is 000000000000)$/,
) as string;

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
      for (const refused of [
        sdk.send(new StopTaskCommand({ task })),
        sdk.send(new ExecuteCommandCommand({ task, command: 'sh', interactive: true })),
        sdk.send(new DescribeTasksCommand({ tasks: [task] })),
        sdk.send(new DescribeTasksCommand({ tasks: [taskArn, task] })),
      ]) {
        await expect(refused, task).rejects.toMatchObject({ name: 'InvalidParameterException', message: NOT_HERE });
      }
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
      for (const refused of [
        sdk.send(new ListTasksCommand({ containerInstance })),
        sdk.send(new DescribeContainerInstancesCommand({ containerInstances: [containerInstance] })),
      ]) {
        const message = NOT_HERE;
        await expect(refused, containerInstance).rejects.toMatchObject({ name: 'InvalidParameterException', message });
      }
    }
    expect((await sdk.send(new ListTasksCommand({ containerInstance: instanceArn }))).taskArns).toHaveLength(1);
  });
});

describe('what is no id at all', () => {
  it.each([
    ['not-a-task', /^(taskId|containerInstanceId) length should be one of \[32,36\]$/],
    ['a'.repeat(33), /length should be one of \[32,36\]$/],
    ['', /can not be blank\.$/],
    [`${'a'.repeat(31)}/`, /contains invalid characters\.$/],
    ['arn:aws:ecs:local:000000000000:KIND/default/short', /length should be one of \[32,36\]$/],
    [`arn:aws:ecs:local:000000000000:KIND/${'a'.repeat(32)}`, /Identifier is invalid$/],
    [`arn:aws:ecs:local:000000000000:KIND/default/${'a'.repeat(32)}/more`, /Identifier is invalid$/],
    ['arn:', /Identifier is invalid$/],
  ])('is refused, and not missing: %s', async (reference, words) => {
    const { sdk } = await startSdkEcs();
    const [task, instance] = ['task', 'container-instance'].map((kind) => reference.replace('KIND', kind));
    for (const refused of [
      sdk.send(new StopTaskCommand({ task })),
      sdk.send(new DescribeTasksCommand({ tasks: [task!] })),
      sdk.send(new ExecuteCommandCommand({ task, command: 'sh', interactive: true })),
      sdk.send(new DescribeContainerInstancesCommand({ containerInstances: [instance!] })),
      sdk.send(new ListTasksCommand({ containerInstance: instance })),
    ]) {
      const message = expect.stringMatching(words) as string;
      await expect(refused).rejects.toMatchObject({ name: 'InvalidParameterException', message });
    }
  });

  it('is missing when it could have been one', async () => {
    const { sdk } = await startSdkEcs();
    for (const task of ['a'.repeat(32), '68ef0f55-2ac3-420a-962f-a64d587fd38d']) {
      const { failures } = await sdk.send(new DescribeTasksCommand({ tasks: [task] }));
      const arn = `arn:aws:ecs:local:000000000000:task/default/${task}`;
      expect(failures).toEqual([{ arn, reason: 'MISSING' }]);
      await expect(sdk.send(new StopTaskCommand({ task }))).rejects.toThrow('The referenced task was not found.');
    }
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
