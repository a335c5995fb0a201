import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aws, findModelFaults, hasAwsClient, readServiceModel } from '../../kit/ecs/aws-client.ts';
import { lacking } from '../../kit/lacking.ts';
import { PATIENT_CONTAINER, startTestEcs, type TestEcs } from '../../kit/ecs/local-ecs.ts';
import { signedFetch } from '../../kit/network/signed-fetch.ts';

const missing = lacking('aws', hasAwsClient, 'awscli');
// Each call starts a Python.
const LONG_MS = 180_000;

const FARGATE = {
  family: 'fargate',
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  cpu: '256',
  memory: '512',
  containerDefinitions: [{ name: 'build', image: 'none', essential: true }],
};
const NETWORK = { awsvpcConfiguration: { subnets: ['subnet-1'] } };

function knowsClientToken(): boolean {
  const request = readServiceModel().shapes['RunTaskRequest'];
  return request?.type === 'structure' && 'clientToken' in request.members;
}

describe.skipIf(missing !== undefined)(`the stock aws client${missing ? ` (${missing})` : ''}`, () => {
  let test: TestEcs;
  beforeAll(async () => {
    test = await startTestEcs(PATIENT_CONTAINER, { instances: 2 });
  });
  afterAll(() => test.close());

  async function succeed(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    const { exitCode, answer, stderr } = await aws(test.ecs, ...args);
    expect([exitCode, stderr], args.join(' ')).toEqual([0, '']);
    return answer ?? {};
  }

  it(
    'creates a cluster, runs tasks, waits for them, pages, tags and stops',
    async () => {
      await succeed('create-cluster', '--cluster-name', 'second');
      const container = JSON.stringify([{ name: 'build', image: 'none', memory: 64, stopTimeout: 2 }]);
      await succeed('register-task-definition', '--family', 'cli', '--container-definitions', container);
      // Older clients do not know the token.
      const token = knowsClientToken() ? ['--client-token', 't'] : [];
      const run = ['run-task', '--cluster', 'second', '--task-definition', 'cli', '--count', '3', ...token];
      const started = await succeed(...run);
      const tasks = (started['tasks'] as { taskArn: string }[]).map(({ taskArn }) => taskArn);
      expect(tasks).toHaveLength(3);
      if (token.length > 0) {
        expect((await succeed(...run))['tasks']).toMatchObject(tasks.map((taskArn) => ({ taskArn })));
      }
      await succeed('wait', 'tasks-running', '--cluster', 'second', '--tasks', ...tasks);
      // The client asks for pages of one and joins them.
      const listed = await succeed('list-tasks', '--cluster', 'second', '--page-size', '1');
      expect(new Set(listed['taskArns'] as string[])).toEqual(new Set(tasks));
      const [first = ''] = tasks;
      await succeed('tag-resource', '--resource-arn', first, '--tags', 'key=a,value=1');
      const tagged = await succeed('describe-tasks', '--cluster', 'second', '--tasks', first, '--include', 'TAGS');
      expect(tagged['tasks']).toMatchObject([{ lastStatus: 'RUNNING', tags: [{ key: 'a', value: '1' }] }]);
      for (const task of tasks) await succeed('stop-task', '--cluster', 'second', '--task', task);
      await succeed('wait', 'tasks-stopped', '--cluster', 'second', '--tasks', ...tasks);
      await succeed('delete-cluster', '--cluster', 'second');
    },
    LONG_MS,
  );

  it(
    'prints the errors of ECS by name',
    async () => {
      const failures = [
        [['run-task', '--task-definition', 'none'], 'ClientException'],
        [['describe-tasks', '--cluster', 'nowhere', '--tasks', 'x'], 'ClusterNotFoundException'],
        [['stop-task', '--task', 'none'], 'InvalidParameterException'],
        [['list-tasks', '--service-name', 'web'], 'ServiceNotFoundException'],
      ] as const;
      for (const [args, name] of failures) {
        const { exitCode, stderr } = await aws(test.ecs, ...args);
        expect(exitCode).not.toBe(0);
        expect(stderr).toContain(`(${name})`);
      }
    },
    LONG_MS,
  );

  it('finds in every answer what its service model says, and nothing else', async () => {
    const model = readServiceModel();
    const faults: string[] = [];
    const call = async (operation: string, input: object = {}): Promise<Readonly<Record<string, unknown>>> => {
      const response = await signedFetch(test.ecs, test.ecs.endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `AmazonEC2ContainerServiceV20141113.${operation}`,
        },
        body: JSON.stringify(input),
      });
      const answer = (await response.json()) as Record<string, unknown>;
      expect([operation, response.status, response.status === 200 ? '' : answer]).toEqual([operation, 200, '']);
      faults.push(...findModelFaults(model, operation, answer));
      return answer;
    };
    const include = ['TAGS'];
    const tags = [{ key: 'a', value: '1' }];
    await call('CreateCluster', {
      clusterName: 'third',
      tags,
      settings: [{ name: 'containerInsights', value: 'enabled' }],
    });
    await call('UpdateCluster', { cluster: 'third', settings: [{ name: 'containerInsights', value: 'disabled' }] });
    await call('DescribeClusters', { clusters: ['third', 'none'], include: ['TAGS', 'SETTINGS', 'CONFIGURATIONS'] });
    await call('ListClusters', { maxResults: 1 });
    const portMappings = [{ containerPort: 22, hostPort: 8022, protocol: 'tcp' }];
    const containerDefinitions = [{ name: 'build', image: 'none', memory: 64, stopTimeout: 2, portMappings }];
    await call('RegisterTaskDefinition', { family: 'model', containerDefinitions, tags });
    await call('RegisterTaskDefinition', FARGATE);
    await call('DescribeTaskDefinition', { taskDefinition: 'model', include });
    await call('ListTaskDefinitions', { familyPrefix: 'model' });
    await call('ListTaskDefinitionFamilies');
    const started = await call('RunTask', { taskDefinition: 'model', count: 3, tags, startedBy: 'me' });
    await call('RunTask', { taskDefinition: 'fargate', launchType: 'FARGATE', networkConfiguration: NETWORK });
    const { taskArns } = await call('ListTasks');
    const [first] = (started['tasks'] as { taskArn: string }[]).map(({ taskArn }) => taskArn);
    await call('TagResource', { resourceArn: first, tags });
    await call('ListTagsForResource', { resourceArn: first });
    await call('UntagResource', { resourceArn: first, tagKeys: ['a'] });
    const { containerInstanceArns } = await call('ListContainerInstances');
    await call('DescribeContainerInstances', { containerInstances: containerInstanceArns });
    await call('StopTask', { task: first, reason: 'enough' });
    await call('DescribeTasks', { tasks: [...(taskArns as string[]), '0'.repeat(32)], include });
    await call('DeregisterTaskDefinition', { taskDefinition: 'model:1' });
    await call('DeleteTaskDefinitions', { taskDefinitions: ['model:1', 'none:1'] });
    await call('DeleteCluster', { cluster: 'third' });
    expect(faults).toEqual([]);
  });
});
