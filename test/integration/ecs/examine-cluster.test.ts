import {
  ListContainerInstancesCommand,
  RunTaskCommand,
  UpdateContainerInstancesStateCommand,
} from '@aws-sdk/client-ecs';
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../../../shared/time/clock.ts';
import type { ClusterFinding, LaunchedThere } from '../../../controlplane/ecs/examine/cluster-finding.ts';
import type { EcsCluster } from '../../../controlplane/ecs/config/cluster.ts';
import { findFreePort } from '../../kit/network/free-port.ts';
import { openSdk, openTestClient, startTestEcs, type TestEcs } from '../../kit/ecs/local-ecs.ts';

const LAUNCHED: LaunchedThere = { images: ['registry.example/wip-build:7'], hasRoles: false, memory: 1024 };
const FARGATE: Partial<EcsCluster> = {
  launch: { type: 'fargate', subnets: ['subnet-1'], securityGroups: ['sg-1', 'sg-2'], assignPublicIp: false },
};

let test: TestEcs;
afterEach(() => test.close());

async function examine(launched: Partial<LaunchedThere> = {}, cluster: Partial<EcsCluster> = {}) {
  const client = openTestClient(test.ecs, systemClock, cluster);
  const findings = await client.examine({ ...LAUNCHED, ...launched });
  client.close();
  return findings;
}

function outcomes(findings: readonly ClusterFinding[]): Record<string, string> {
  return Object.fromEntries(findings.map(({ name, outcome }) => [name, outcome]));
}

function line(findings: readonly ClusterFinding[], name: string): ClusterFinding | undefined {
  return findings.find((finding) => finding.name === name);
}

it('finds nothing where nothing is broken, and starts, registers and changes nothing', async () => {
  test = await startTestEcs();
  const before = JSON.stringify([await test.client.listTasks({ desiredStatus: 'RUNNING' })]);
  const findings = await examine();
  expect(outcomes(findings)).toEqual({
    credentials: 'unchecked',
    cluster: 'ok',
    'ecs:RunTask': 'ok',
    'ecs:TagResource': 'ok',
    'ecs:StopTask': 'ok',
    'ecs:DescribeTasks': 'ok',
    'ecs:ListTasks': 'ok',
    'ecs:RegisterTaskDefinition': 'ok',
    'ecs:DescribeClusters': 'ok',
    'ecs:DescribeContainerInstances': 'ok',
    'ec2:DescribeInstances': 'ok',
    capacity: 'ok',
    quotas: 'ok',
    'image registry.example/wip-build:7': 'unchecked',
  });
  expect(line(findings, 'capacity')?.message).toBe(
    '1 container instance is active; the roomiest has 65536 MiB of memory left.',
  );
  expect(JSON.stringify([await test.client.listTasks({ desiredStatus: 'RUNNING' })])).toBe(before);
  const { revision } = await test.client.registerTaskDefinition({
    family: 'WIP_check',
    containerDefinitions: [{ name: 'build', image: 'none', memory: 64 }],
  });
  expect(revision).toBe(1);
});

it('names each right that is missing, and what Wip needs it for', async () => {
  test = await startTestEcs();
  test.ecs.faults.add([
    { kind: 'access-denied', action: 'RunTask', times: null },
    { kind: 'access-denied', action: 'DescribeInstances', times: null },
  ]);
  const findings = await examine();
  expect(findings.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name)).toEqual([
    'ecs:RunTask',
    'ec2:DescribeInstances',
  ]);
  expect(line(findings, 'ecs:RunTask')).toEqual({
    name: 'ecs:RunTask',
    outcome: 'failed',
    message:
      'Denied, and Wip launches containers: AccessDeniedException: User: arn:aws:iam::000000000000:user/local is not authorized to perform: ecs:RunTask',
    remedy: 'Allow ecs:RunTask in the policy of these credentials; docker/aws/iam/control-plane.json is the whole one.',
  });
});

it('says that the credentials have expired, and that there was no answer', async () => {
  test = await startTestEcs();
  test.ecs.faults.add([
    { kind: 'expired-token', action: 'StopTask', times: null },
    { kind: 'server-error', action: 'ListTasks', times: null },
  ]);
  const findings = await examine();
  expect(line(findings, 'ecs:StopTask')).toMatchObject({
    outcome: 'failed',
    remedy: 'Give the cluster new credentials with wipctl clusters save.',
  });
  expect(line(findings, 'ecs:ListTasks')).toMatchObject({ outcome: 'warning' });
});

it('does not say that STS refuses, when STS was not reached', async () => {
  test = await startTestEcs();
  const nobody = `http://127.0.0.1:${await findFreePort()}`;
  const roleArn = 'arn:aws:iam::123456789012:role/wip';
  for (const stsEndpoint of [nobody, 'http://sts.invalid']) {
    const own = line(await examine({}, { connection: { stsEndpoint } }), 'credentials');
    expect(own).toMatchObject({
      outcome: 'warning',
      message: expect.stringMatching(/^STS gave no answer that tells whose /),
    });
    const assumed = await examine({}, { connection: { stsEndpoint }, roleArn });
    expect(line(assumed, 'credentials')).toMatchObject({ outcome: 'warning' });
    expect(JSON.stringify(assumed)).not.toMatch(/refuses|trust policy|Denied/);
  }
});

it('does not say that ECS denies anything, when ECS was not reached', async () => {
  test = await startTestEcs();
  const endpoint = `http://127.0.0.1:${await findFreePort()}`;
  const findings = await examine({}, { endpoint });
  expect(findings.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  expect(line(findings, 'ecs:RunTask')?.message).toMatch(/^There was no answer: ECONNREFUSED/);
});

it('sees that the cluster is not there, and does not look for room in it', async () => {
  test = await startTestEcs();
  const findings = await examine({}, { cluster: 'nowhere' });
  expect(line(findings, 'cluster')).toMatchObject({ outcome: 'failed' });
  expect(line(findings, 'cluster')?.message).toContain('the cluster "nowhere" is not there');
  expect(line(findings, 'capacity')).toBeUndefined();
});

it('warns of a container that fits on no machine', async () => {
  test = await startTestEcs(undefined, { resources: { cpu: 1024, memory: 512 } });
  expect(line(await examine(), 'capacity')).toMatchObject({
    outcome: 'warning',
    message:
      '1 container instance is active; the roomiest has 512 MiB of memory left, and a task needs 1024: launches wait for room.',
  });
});

it('warns of a cluster without machines', async () => {
  test = await startTestEcs(undefined, { instances: 0 });
  expect(line(await examine(), 'capacity')).toMatchObject({
    outcome: 'warning',
    message: 'No container instance is active, so every launch waits.',
  });
});

it('asks for the right to see public addresses where nodes connect to them', async () => {
  test = await startTestEcs();
  const connection = { address: 'public' as const };
  expect(outcomes(await examine({}, { ...FARGATE, connection }))).toMatchObject({
    'ec2:DescribeNetworkInterfaces': 'ok',
  });
  expect(outcomes(await examine({}, { connection }))).not.toHaveProperty('ec2:DescribeNetworkInterfaces');
  test.ecs.faults.add([{ kind: 'access-denied', action: 'DescribeNetworkInterfaces', times: null }]);
  expect(outcomes(await examine({}, { ...FARGATE, connection }))).toMatchObject({
    'ec2:DescribeNetworkInterfaces': 'failed',
  });
});

it('asks for nothing of machines on Fargate, and says what it could not see', async () => {
  test = await startTestEcs();
  const findings = await examine({ hasRoles: true }, FARGATE);
  expect(outcomes(findings)).not.toHaveProperty('ec2:DescribeInstances');
  expect(outcomes(findings)).toMatchObject({
    'iam:PassRole': 'unchecked',
    capacity: 'unchecked',
    // Local ECS has no networks.
    subnets: 'unchecked',
    'security groups': 'unchecked',
  });
});

it('sees that a capacity provider is not associated with the cluster', async () => {
  test = await startTestEcs();
  const providers = [{ name: 'spot', weight: 1, base: 0 }];
  const [finding] = (await examine({}, { launch: { type: 'capacity-providers', providers } })).filter(
    ({ name }) => name === 'capacity',
  );
  expect(finding).toMatchObject({
    outcome: 'failed',
    message: 'The cluster has no capacity provider spot; it has none.',
  });
});

it('reads images: none, one that moves, one of another region', async () => {
  test = await startTestEcs();
  const ecr = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/wip:7';
  const images = ['Not An Image', 'registry.example/wip-build', ecr];
  expect(outcomes(await examine({ images }))).toMatchObject({
    'image Not An Image': 'failed',
    'image registry.example/wip-build': 'warning',
    [`image ${ecr}`]: 'warning',
  });
});

it('counts no room on a machine whose ECS agent is not connected, and fails when there is no other', async () => {
  test = await startTestEcs(undefined, { instances: 2, resources: { cpu: 4096, memory: 1536 } });
  const { taskArn, containerInstance } = await taskOf(test);
  const other = containerInstance.endsWith('1')
    ? containerInstance.replace(/1$/, '2')
    : containerInstance.replace(/2$/, '1');
  // The only machine with room for a container.
  await test.ecs.injectFault({ kind: 'agent-disconnected', cluster: 'default', containerInstance: other });
  expect(line(await examine(), 'capacity')).toMatchObject({
    outcome: 'warning',
    message:
      '2 container instances are active, 1 of them without its ECS agent; the roomiest has 512 MiB of memory left, and a task needs 1024: launches wait for room.',
  });
  await test.ecs.injectFault({ kind: 'agent-disconnected', cluster: 'default', containerInstance });
  expect(line(await examine(), 'capacity')).toEqual({
    name: 'capacity',
    outcome: 'failed',
    message: '2 container instances are active, and the ECS agent of none is connected.',
    remedy: 'Look at the ECS agent on the machines.',
  });
  await test.client.stopTask(taskArn, 'test');
});

it('does not count machines that are drained', async () => {
  test = await startTestEcs();
  const sdk = openSdk(test.ecs);
  const { containerInstanceArns } = await sdk.send(new ListContainerInstancesCommand({}));
  await sdk.send(
    new UpdateContainerInstancesStateCommand({ containerInstances: containerInstanceArns, status: 'DRAINING' }),
  );
  sdk.destroy();
  expect(line(await examine(), 'capacity')).toMatchObject({
    outcome: 'warning',
    message: 'No container instance is active, so every launch waits.',
  });
});

async function taskOf({ ecs }: TestEcs): Promise<{ taskArn: string; containerInstance: string }> {
  const sdk = openSdk(ecs);
  const { tasks = [] } = await sdk.send(new RunTaskCommand({ taskDefinition: 'WIP_test' }));
  sdk.destroy();
  return { taskArn: tasks[0]?.taskArn ?? '', containerInstance: tasks[0]?.containerInstanceArn ?? '' };
}
