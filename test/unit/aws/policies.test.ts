import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PERMISSIONS } from '../../../controlplane/ecs/examine/permissions.ts';
import { ROOT } from '../docs/documents.ts';
import { calledActions, collect } from './called-actions.ts';
import { actionsOf, policyNames, readStatements, type Statement } from './policies.ts';

/** What AWS demands for a call of another name: a definition with roles is registered and launched with them. */
const DEMANDED = ['iam:PassRole'];
/** AWS allows it to everybody. */
const FREE = ['sts:GetCallerIdentity'];
const CLUSTER = 'arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:cluster/${Cluster}';

const controlPlane = readStatements('control-plane.json');

function statementOf(action: string): Statement {
  const statements = controlPlane.filter(({ Action }) => Action.includes(action));
  expect(statements, action).toHaveLength(1);
  return statements[0]!;
}

const IN_CLUSTER = { ArnEquals: { 'ecs:cluster': CLUSTER } };

describe('the calls of the control plane', () => {
  it('are the actions that wipctl ecs check and the README list, and no other', () => {
    const { actions, unread } = calledActions();
    expect(unread).toEqual([]);
    expect([...actions, ...DEMANDED].toSorted()).toEqual(PERMISSIONS.map(({ action }) => action).toSorted());
  });

  it('are allowed by the policies in docker/aws, which allow nothing else', () => {
    const allowed = [...actionsOf('control-plane.json'), ...actionsOf('control-plane-assume-role.json')];
    const needed = [...calledActions().actions, ...DEMANDED].filter((action) => !FREE.includes(action));
    expect(allowed.toSorted()).toEqual(needed.toSorted());
  });

  it('would be seen however the SDK is loaded, and told when a call names no action', () => {
    const { actions, unread } = collect([join(ROOT, 'test/fixtures/aws-calls/other-ways.ts')]);
    expect([...actions]).toEqual(['sqs:ListQueueTags']);
    expect(unread.map((place) => place.replace(/^.*other-ways\.ts:\d+ /, ''))).toEqual([
      'paginateListQueues({ client: new SQSClient({}) }, {})',
      "new SQS({}).purgeQueue({ QueueUrl: 'https://example.org' })",
    ]);
  });
});

describe('the policy of the control plane', () => {
  it('launches definitions of Wip only, and only in its cluster', () => {
    const { Resource, Condition } = statementOf('ecs:RunTask');
    expect(Resource).toEqual(['arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task-definition/WIP_*']);
    expect(Condition).toEqual(IN_CLUSTER);
  });

  it.each(['ecs:StopTask', 'ecs:DescribeTasks'])('gives %s for tasks of its cluster only', (action) => {
    const { Resource, Condition } = statementOf(action);
    expect(Resource).toEqual(['arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task/${Cluster}/*']);
    expect(Condition).toEqual(IN_CLUSTER);
  });

  it('hands roles to containers of ECS and to nothing else', () => {
    const { Resource, Condition } = statementOf('iam:PassRole');
    expect(Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } });
    expect(Resource).toEqual(['arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${BuildExecutionRole}']);
  });

  it('names every resource where AWS can tell one from another', () => {
    // EC2 describes, and ECS registers, without resources. ListTasks is held to the cluster by its condition.
    const everywhere = controlPlane.filter(({ Resource }) => Resource.includes('*'));
    const unbound = everywhere.filter(({ Condition }) => Condition === undefined).flatMap(({ Action }) => Action);
    expect(unbound).toEqual([
      'ecs:DeregisterTaskDefinition',
      'ecs:RegisterTaskDefinition',
      'ec2:DescribeInstances',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSubnets',
    ]);
    expect(everywhere.filter(({ Condition }) => Condition !== undefined)).toEqual([statementOf('ecs:ListTasks')]);
  });
});

describe('every policy in docker/aws', () => {
  it.each(policyNames())('%s names each action in full', (name) => {
    expect(actionsOf(name).filter((action) => !/^[a-z0-9]+:[A-Za-z]+$/.test(action))).toEqual([]);
  });

  it('lets containers of builds do nothing: their agent pulls, logs, and reads no secret', () => {
    expect(actionsOf('build-execution.json').toSorted()).toEqual([
      'ecr:BatchCheckLayerAvailability',
      'ecr:BatchGetImage',
      'ecr:GetAuthorizationToken',
      'ecr:GetDownloadUrlForLayer',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ]);
  });
});
