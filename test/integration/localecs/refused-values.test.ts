import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSdk, startTestEcs, type TestEcs } from '../../kit/local-ecs.ts';
import { register } from '../../kit/sdk-ecs.ts';
import { signedFetch } from '../../kit/signed-fetch.ts';

// The calls go out as plain JSON: the SDK would hold some of these values back.

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

async function post(body: string, action: string): Promise<Record<string, unknown>> {
  const response = await signedFetch(test.ecs, test.ecs.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AmazonEC2ContainerServiceV20141113.${action}`,
    },
    body,
  });
  return (await response.json()) as Record<string, unknown>;
}

/** Returns the error of a call, as `Type: message`; `taken` when it has none. */
async function errorOf(action: string, input: unknown): Promise<string> {
  const { __type: type, message } = await post(JSON.stringify(input), action);
  return typeof type === 'string' ? `${type}: ${String(message)}` : 'taken';
}

const BUILD = { name: 'build', image: 'none', memory: 64 };
const FARGATE = { networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'], cpu: '256', memory: '512' };
const tagsOf = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: '' }));

describe('RegisterTaskDefinition refuses, as ECS does,', () => {
  const definition = (changes: object, container: object = {}): object => ({
    family: 'f',
    containerDefinitions: [{ ...BUILD, ...container }],
    ...changes,
  });

  it.each<[what: string, input: object, error: RegExp]>([
    ['an empty family', definition({ family: '' }), /^ClientException: Family should not be null or empty/],
    ['a family with a blank', definition({ family: 'a b' }), /^ClientException: Family contains invalid characters/],
    ['a long family', definition({ family: 'f'.repeat(256) }), /^ClientException: Family longer than 255/],
    ['no family', { containerDefinitions: [BUILD] }, /^ClientException: family can not be blank/],
    ['no containers', { family: 'f' }, /^ClientException: containerDefinitions can not be blank/],
    ['a container name with a dot', definition({}, { name: 'a.b' }), /Container.name contains invalid characters/],
    ['an image with a blank', definition({}, { image: 'a b' }), /Container.image contains invalid characters/],
    ['an image with a variable', definition({}, { image: '${IMAGE}' }), /Container.image contains invalid characters/],
    ['negative cpu of a container', definition({}, { cpu: -1 }), /'cpu' must not be negative/],
    ['negative memory', definition({}, { memory: -64 }), /memory must be at least 6 MiB/],
    ['no memory on machines', definition({}, { memory: undefined }), /At least one of 'memory' or 'memoryReservation'/],
    ['less memory than reserved', definition({}, { memoryReservation: 128 }), /'memory' must be at least 'memoryR/],
    ['negative cpu of the task', definition({ cpu: '-1024' }), /Invalid 'cpu' setting for task/],
    ['too little cpu of the task', definition({ cpu: '64' }), /Invalid 'cpu' setting for task/],
    ['no memory of the task', definition({ memory: '0' }), /Invalid 'memory' setting for task/],
    ['sizes that Fargate does not have', definition({ ...FARGATE, memory: '4096' }), /No Fargate configuration exists/],
    ['no essential container', definition({}, { essential: false }), /At least one container must be essential/],
    ['port 0 of a container', definition({}, { portMappings: [{ containerPort: 0 }] }), /'containerPort' setting: 0/],
    ['port 65536', definition({}, { portMappings: [{ containerPort: 65_536 }] }), /between 1 and 65535/],
    ['a negative host port', definition({}, { portMappings: [{ containerPort: 1, hostPort: -1 }] }), /'hostPort'/],
    ['another protocol', definition({}, { portMappings: [{ containerPort: 1, protocol: 'icmp' }] }), /\[tcp,udp\]/],
    ['a port that is none', definition({}, { portMappings: [{ hostPort: 1 }] }), /containerPort should not be null/],
    [
      'ports without a network',
      definition({ networkMode: 'none' }, { portMappings: [{ containerPort: 1 }] }),
      /not supported when networkMode=none/,
    ],
    ['a network that is none', definition({ networkMode: 'lan' }), /networkMode should be one of \[bridge,host,awsvpc/],
    ['a volume without a name', definition({ volumes: [{}] }), /Volume.name should not be null/],
    ['two volumes of one name', definition({ volumes: [{ name: 'v' }, { name: 'v' }] }), /must be unique/],
    ['a health check without CMD', definition({}, { healthCheck: { command: ['true'] } }), /start with CMD/],
    [
      'a health check each second',
      definition({}, { healthCheck: { command: ['CMD', 'true'], interval: 1 } }),
      /between 5 and 300/,
    ],
    [
      'a hostname in awsvpc',
      definition({ networkMode: 'awsvpc' }, { hostname: 'h' }),
      /hostname is not supported when/,
    ],
    ['51 tags', definition({ tags: tagsOf(51) }), /^InvalidParameterException: A resource can have at most 50 tags/],
    [
      'a tag with other characters',
      definition({ tags: [{ key: 'a', value: 'b;c' }] }),
      /^InvalidParameterException: Some tags contain invalid characters/,
    ],
    ['a negative swap', definition({}, { linuxParameters: { maxSwap: -5 } }), /'maxSwap' is -5 and must be at least 0/],
    ['a swappiness of 101', definition({}, { linuxParameters: { swappiness: 101 } }), /must be between 0 and 100/],
    ['no shared memory', definition({}, { linuxParameters: { sharedMemorySize: 0 } }), /must be at least 1/],
    [
      'a soft limit above the hard one',
      definition({}, { ulimits: [{ name: 'nofile', softLimit: 2, hardLimit: 1 }] }),
      /The soft limit of nofile must not exceed its hard limit/,
    ],
    [
      'a limit that there is not',
      definition({}, { ulimits: [{ name: 'foo', softLimit: 1, hardLimit: 1 }] }),
      /name should be one of \[core,cpu,/,
    ],
    [
      'a log driver that there is not',
      definition({}, { logConfiguration: { logDriver: 'foo' } }),
      /logDriver should be one of \[json-file,/,
    ],
    [
      'a tmpfs of no size',
      definition({}, { linuxParameters: { tmpfs: [{ containerPath: '/t', size: 0 }] } }),
      /^ClientException: .*'size' of tmpfs is 0 and must be at least 1/,
    ],
    [
      'a tmpfs that is nowhere',
      definition({}, { linuxParameters: { tmpfs: [{ size: 64 }] } }),
      /^ClientException: Tmpfs.containerPath should not be null or empty/,
    ],
    [
      'a permission that there is not',
      definition({}, { linuxParameters: { devices: [{ hostPath: '/dev/kvm', permissions: ['all'] }] } }),
      /^ClientException: permissions should be one of \[read,write,mknod\]/,
    ],
    [
      'another protocol of an application',
      definition({}, { portMappings: [{ containerPort: 1, appProtocol: 'https' }] }),
      /^ClientException: appProtocol should be one of \[http,http2,grpc\]/,
    ],
    [
      'another consistency of versions',
      definition({}, { versionConsistency: 'on' }),
      /^ClientException: versionConsistency should be one of \[enabled,disabled\]/,
    ],
    [
      'a capability that there is not',
      definition({}, { linuxParameters: { capabilities: { drop: ['all'] } } }),
      /^ClientException: drop should be one of \[ALL,/,
    ],
    [
      'an unknown system',
      definition({ runtimePlatform: { operatingSystemFamily: 'linux' } }),
      /^ClientException: operatingSystemFamily should be one of \[LINUX,/,
    ],
    ['a value of AWS', definition({ tags: [{ key: 'x', value: 'aws:y' }] }), /value aws:y begins with aws:/],
    ['a tag of AWS', definition({ tags: [{ key: 'aws:x', value: '' }] }), /begins with aws:/],
    ['a tag twice', definition({ tags: [...tagsOf(1), ...tagsOf(1)] }), /Duplicate tag key: k0/],
    ['a long key', definition({ tags: [{ key: 'k'.repeat(129), value: '' }] }), /tag key longer than 128/],
    ['a long value', definition({ tags: [{ key: 'k', value: 'v'.repeat(257) }] }), /tag value longer than 256/],
  ])('%s', async (_what, input, error) => {
    expect(await errorOf('RegisterTaskDefinition', input)).toMatch(error);
  });

  it.each<[stopTimeout: number, changes: object, error: string]>([
    [-1, {}, "'stopTimeout' is -1 and must be at least 1 seconds"],
    [0, {}, "'stopTimeout' is 0 and must be at least 1 seconds"],
    [1, FARGATE, "'stopTimeout' is 1 and must be at least 2 seconds"],
    [-30, FARGATE, "'stopTimeout' is -30 and must be at least 2 seconds"],
    [121, FARGATE, 'The maximum stopTimeout on Fargate is 120 seconds'],
    [9_999_999_999, {}, 'SerializationException: The field containerDefinitions[0].stopTimeout: NUMBER_VALUE'],
    [1.5, {}, 'SerializationException: The field containerDefinitions[0].stopTimeout: NUMBER_VALUE'],
    [2, FARGATE, 'taken'],
    [120, FARGATE, 'taken'],
    [2_147_483_647, {}, 'taken'],
  ])('a stopTimeout of %d with %j: %s', async (stopTimeout, changes, error) => {
    expect(await errorOf('RegisterTaskDefinition', definition(changes, { stopTimeout }))).toContain(error);
  });

  it('startTimeout out of its bounds', async () => {
    expect(await errorOf('RegisterTaskDefinition', definition({}, { startTimeout: -1 }))).toMatch(
      /'startTimeout' is -1/,
    );
  });
});

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
