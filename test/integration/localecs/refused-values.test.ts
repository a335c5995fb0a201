import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSdk, startTestEcs, type TestEcs } from '../../kit/ecs/local-ecs.ts';
import { ecsErrorOf } from '../../kit/ecs/plain-ecs-call.ts';
import { register } from '../../kit/ecs/sdk-ecs.ts';
import { signedFetch } from '../../kit/network/signed-fetch.ts';

let test: TestEcs;
beforeAll(async () => {
  test = await startTestEcs(undefined, { delays: { PROVISIONING: 60_000 } });
  const sdk = openSdk(test.ecs);
  await register(sdk, { family: 'awsvpc', networkMode: 'awsvpc' });
  await register(sdk, {
    family: 'fargate',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
  });
  sdk.destroy();
});
afterAll(() => test.close());

const errorOf = (action: string, input: unknown): Promise<string> => ecsErrorOf(test.ecs, action, input);

const BUILD = { name: 'build', image: 'none', memory: 64 };
const tagsOf = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: '' }));

describe('RunTask refuses, as ECS does,', () => {
  const subnets = (count: number) => Array.from({ length: count }, (_, index) => `subnet-${index}`);
  const awsvpc = (configuration: object) => ({ networkConfiguration: { awsvpcConfiguration: configuration } });
  const override = (container: object, task: object = {}) => ({
    overrides: { containerOverrides: [{ name: 'build', ...container }], ...task },
  });
  const onFargate = { taskDefinition: 'fargate', ...awsvpc({ subnets: ['subnet-1'] }) };
  const providers = (...capacityProviderStrategy: object[]) => ({ ...onFargate, capacityProviderStrategy });

  it.each<[what: string, input: object, error: RegExp]>([
    ['no definition', { taskDefinition: undefined }, /^InvalidParameterException: taskDefinition can not be blank/],
    ['no task', { count: 0 }, /^InvalidParameterException: count is 0 and must be between 1 and 10/],
    ['eleven tasks', { count: 11 }, /count is 11 and must be between 1 and 10/],
    ['a long startedBy', { startedBy: 'x'.repeat(129) }, /startedBy longer than 128/],
    ['a startedBy with a blank', { startedBy: 'a b' }, /startedBy contains invalid characters/],
    ['a long token', { clientToken: 'x'.repeat(65) }, /clientToken longer than 64/],
    ['a token with a blank', { clientToken: 'a b' }, /clientToken contains invalid characters/],
    ['an override for nobody', override({ name: 'other' }), /container named other is not a container in the TaskD/],
    ['an override without a name', override({ name: undefined }), /container named null is not a container/],
    [
      'two overrides for one container',
      { overrides: { containerOverrides: [{ name: 'build' }, { name: 'build' }] } },
      /two overrides for the container named build/,
    ],
    ['long overrides', override({ command: ['x'.repeat(8_192)] }), /length must be at most 8192/],
    [
      'a variable without a name in an override',
      override({ environment: [{ name: '', value: 'x' }] }),
      /^InvalidParameterException: Environment variable name cannot be null or blank/,
    ],
    [
      'a variable with = in its name in an override',
      override({ environment: [{ name: 'A=B', value: 'x' }] }),
      /name "A=B" contains/,
    ],
    ['negative cpu in an override', override({ cpu: -1 }), /'cpu' must not be negative/],
    ['negative memory in an override', override({ memory: -1 }), /memory must be at least 6 MiB/],
    [
      'less memory than reserved',
      override({ memoryReservation: 2048 }),
      /'memory' must be at least 'memoryReservation'/,
    ],
    ['cpu of the task below that of machines', override({}, { cpu: '64' }), /Invalid 'cpu' setting for task/],
    ['memory of the task below that of its container', override({}, { memory: '32' }), /must not exceed the memory of/],
    ['a size of the task that is none', override({}, { cpu: 'much' }), /Invalid 'cpu' setting for task/],
    [
      'a launch type and providers',
      { launchType: 'EC2', capacityProviderStrategy: [{ capacityProvider: 'p' }] },
      /both a launch type and capacity provider strategy/,
    ],
    ['a launch type that is none', { launchType: 'LAMBDA' }, /launchType should be one of \[EC2,FARGATE,EXTERNAL/],
    ['awsvpc without a network', { taskDefinition: 'awsvpc' }, /Network Configuration must be provided/],
    ['a network without awsvpc', awsvpc({ subnets: subnets(1) }), /not valid for the given networkMode/],
    ['no subnet', { taskDefinition: 'awsvpc', ...awsvpc({ subnets: [] }) }, /subnets can not be empty/],
    ['17 subnets', { taskDefinition: 'awsvpc', ...awsvpc({ subnets: subnets(17) }) }, /subnets can have at most 16/],
    [
      'six security groups',
      { taskDefinition: 'awsvpc', ...awsvpc({ subnets: subnets(1), securityGroups: subnets(6) }) },
      /securityGroups can have at most 5 items/,
    ],
    [
      'a public address on a machine',
      { taskDefinition: 'awsvpc', ...awsvpc({ subnets: subnets(1), assignPublicIp: 'ENABLED' }) },
      /Assign public IP is not supported for this launch type/,
    ],
    ['a platform version on machines', { platformVersion: 'LATEST' }, /platform version must be null/],
    [
      'a platform version that is none',
      { ...onFargate, launchType: 'FARGATE', platformVersion: '9.9.9' },
      /^PlatformUnknownException/,
    ],
    [
      'a placement on Fargate',
      { ...onFargate, launchType: 'FARGATE', placementStrategy: [{ type: 'random' }] },
      /Placement strategies are not supported with FARGATE/,
    ],
    [
      'a constraint on Fargate',
      { ...onFargate, launchType: 'FARGATE', placementConstraints: [{ type: 'distinctInstance' }] },
      /Placement constraints are not supported with FARGATE/,
    ],
    [
      'Fargate among other providers',
      providers({ capacityProvider: 'FARGATE', weight: 1 }, { capacityProvider: 'machines', weight: 1 }),
      /cannot contain a mix of capacity providers/,
    ],
    ['a negative weight', providers({ capacityProvider: 'FARGATE', weight: -1 }), /between 0 and 1000/],
    [
      'providers without a weight',
      providers({ capacityProvider: 'FARGATE' }, { capacityProvider: 'FARGATE_SPOT' }),
      /At least one capacity provider must have a weight/,
    ],
    [
      'a provider that the cluster has not',
      { capacityProviderStrategy: [{ capacityProvider: 'p' }] },
      /not associated/,
    ],
    ['tags of a service', { propagateTags: 'SERVICE' }, /propagateTags of a task should be one of/],
    ['a group of a service', { group: 'service:web' }, /Invalid namespace for group/],
    ['51 tags', { tags: tagsOf(51) }, /at most 50 tags/],
    ['managed instances, which are not here', { launchType: 'MANAGED_INSTANCES' }, /No Container Instances were found/],
    ['external instances, which are not here', { launchType: 'EXTERNAL' }, /No Container Instances were found/],
  ])('%s', async (_what, input, error) => {
    expect(await errorOf('RunTask', { taskDefinition: 'WIP_test', ...input })).toMatch(error);
  });

  it('but takes a provider that the cluster was made with', async () => {
    await errorOf('CreateCluster', { clusterName: 'grows', capacityProviders: ['machines'] });
    const capacityProviderStrategy = [{ capacityProvider: 'machines', weight: 1 }];
    const request = { cluster: 'grows', taskDefinition: 'WIP_test', capacityProviderStrategy };
    expect(await errorOf('RunTask', request)).toBe('taken');
  });

  it('a client token with other parameters, and not what stands at each bound', async () => {
    const at = {
      taskDefinition: 'WIP_test',
      count: 10,
      startedBy: 'wip/a-b_C/1',
      clientToken: '~'.repeat(64),
      tags: tagsOf(50),
    };
    expect(await errorOf('RunTask', at)).toBe('taken');
    expect(await errorOf('RunTask', { ...at, startedBy: null, referenceId: null })).toMatch(/^ConflictException/);
  });
});

describe('what has the wrong type', () => {
  it.each<[action: string, input: unknown, error: string]>([
    [
      'RunTask',
      { taskDefinition: 'f', count: '3' },
      'The field count: STRING_VALUE can not be converted to an Integer',
    ],
    ['RunTask', { taskDefinition: 7 }, 'The field taskDefinition: NUMBER_VALUE can not be converted to a String'],
    ['RunTask', { taskDefinition: 'f', tags: {} }, 'The field tags: START_OBJECT can not be converted to a List'],
    [
      'RegisterTaskDefinition',
      { family: 'f', containerDefinitions: [{ ...BUILD, environment: [{ name: 'A', value: 1 }] }] },
      'The field containerDefinitions[0].environment[0].value: NUMBER_VALUE can not be converted to a String',
    ],
    [
      'RegisterTaskDefinition',
      { family: 'f', containerDefinitions: [{ ...BUILD, linuxParameters: { capabilities: { add: 7 } } }] },
      'The field containerDefinitions[0].linuxParameters.capabilities.add: NUMBER_VALUE can not be converted to a List',
    ],
    ['ListTasks', { maxResults: true }, 'The field maxResults: BOOLEAN_VALUE can not be converted to an Integer'],
    ['DescribeTasks', [], 'The request: START_ARRAY can not be converted to a Structure'],
    ['DescribeTasks', 'x', 'The request: STRING_VALUE can not be converted to a Structure'],
  ])('%s %j is a SerializationException about the field', async (action, input, error) => {
    expect(await errorOf(action, input)).toBe(`SerializationException: ${error}`);
  });

  it('is not a member that is null: it counts as not given', async () => {
    expect(await errorOf('ListTasks', { family: null, startedBy: null, maxResults: null })).toBe('taken');
  });
});

describe('a wrong value of other calls has a sentence about its field', () => {
  it.each<[action: string, input: unknown, error: RegExp]>([
    ['DescribeTasks', {}, /^InvalidParameterException: tasks can not be blank/],
    ['DescribeTasks', { tasks: [] }, /^InvalidParameterException: tasks cannot be empty/],
    ['DescribeTasks', { tasks: Array(101).fill('x') }, /^InvalidParameterException: tasks can have at most 100 items/],
    [
      'DescribeTasks',
      { tasks: ['x'], include: ['ALL'] },
      /^InvalidParameterException: include\[0\] should be one of \[TAGS\]/,
    ],
    ['StopTask', { task: 'x', reason: 'r'.repeat(256) }, /^InvalidParameterException: reason longer than 255/],
    ['ListTasks', { maxResults: 101 }, /^InvalidParameterException: maxResults is 101 and must be between 1 and 100/],
    ['ListTasks', { desiredStatus: 'GONE' }, /desiredStatus should be one of \[RUNNING,PENDING,STOPPED\]/],
    ['CreateCluster', { clusterName: 'a b' }, /^InvalidParameterException: Cluster must match .*, but was a b/],
    ['TagResource', { tags: [] }, /resourceArn can not be blank/],
    ['TagResource', { resourceArn: 'x' }, /tags can not be blank/],
  ])('%s %j', async (action, input, error) => {
    expect(await errorOf(action, input)).toMatch(error);
  });

  it('and so has one of a fault', async () => {
    const faults = async (body: unknown): Promise<unknown> => {
      const response = await signedFetch(test.ecs, `${test.ecs.endpoint}/_faults`, {
        method: 'POST',
        body: JSON.stringify(body),
      });
      return ((await response.json()) as { message?: string }).message;
    };
    expect(await faults([{ kind: 'earthquake' }])).toMatch(/^\[0\]\.kind should be one of \[throttle,.*crash,/);
    expect(await faults([{ kind: 'throttle', times: 'two' }])).toMatch(/^The field times: STRING_VALUE can not be/);
    expect(await faults([{ kind: 'crash' }])).toBe('task can not be blank.');
    expect(await faults([{ kind: 'throttle', colour: 'red' }])).toBe('The request has no member colour.');
  });
});
