import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestEcs, type TestEcs } from '../../kit/ecs/local-ecs.ts';
import { ecsErrorOf } from '../../kit/ecs/plain-ecs-call.ts';

let test: TestEcs;
beforeAll(async () => void (test = await startTestEcs()));
afterAll(() => test.close());

const errorOf = (action: string, input: unknown): Promise<string> => ecsErrorOf(test.ecs, action, input);

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
    [
      'a variable without a name',
      definition({}, { environment: [{ name: '', value: 'x' }] }),
      /^ClientException: Environment variable name cannot be null or blank/,
    ],
    [
      'a variable with a blank name',
      definition({}, { environment: [{ name: ' ', value: 'x' }] }),
      /name cannot be null or blank/,
    ],
    [
      'a variable with = in its name',
      definition({}, { environment: [{ name: 'A=B', value: 'x' }] }),
      /name "A=B" contains invalid/,
    ],
    [
      'a relative directory of the machine',
      definition({ volumes: [{ name: 'v', host: { sourcePath: './data' } }] }),
      /volume 'v'. 'sourcePath' is "\.\/data" and must be an absolute path/,
    ],
    [
      'a directory of the machine that looks like a volume',
      definition({ volumes: [{ name: 'v', host: { sourcePath: 'data' } }] }),
      /must be an absolute path/,
    ],
    [
      'a blank directory of the machine',
      definition({ volumes: [{ name: 'v', host: { sourcePath: ' ' } }] }),
      /^ClientException: host.sourcePath should not be blank/,
    ],
    [
      'a relative mount',
      definition({ volumes: [{ name: 'v' }] }, { mountPoints: [{ sourceVolume: 'v', containerPath: 'data' }] }),
      /'containerPath' is "data" and must be an absolute path/,
    ],
    [
      'a relative working directory',
      definition({}, { workingDirectory: 'src' }),
      /'workingDirectory' is "src" and must be/,
    ],
    [
      'a relative tmpfs',
      definition({}, { linuxParameters: { tmpfs: [{ containerPath: 't', size: 1 }] } }),
      /'containerPath' is "t"/,
    ],
    [
      'a relative device',
      definition({}, { linuxParameters: { devices: [{ hostPath: 'dev/kvm' }] } }),
      /'hostPath' is "dev\/kvm"/,
    ],
    [
      'a system control without a name',
      definition({}, { systemControls: [{ value: '1' }] }),
      /SystemControl.namespace should not be null/,
    ],
    [
      'a system control without a value',
      definition({}, { systemControls: [{ namespace: 'net.core.somaxconn' }] }),
      /SystemControl.value should not be null/,
    ],
    [
      'a system control of the machine',
      definition({}, { systemControls: [{ namespace: 'vm.max_map_count', value: '1' }] }),
      /'vm.max_map_count' is none of net\.\*, fs\.mqueue/,
    ],
    [
      'a system control with a blank',
      definition({}, { systemControls: [{ namespace: 'net.x y', value: '1' }] }),
      /is none of/,
    ],
    [
      'one of the network in that of the machine',
      definition({ networkMode: 'host' }, { systemControls: [{ namespace: 'net.core.somaxconn', value: '1' }] }),
      /not supported when networkMode=host/,
    ],
    [
      'one of IPC in that of the machine',
      definition({ ipcMode: 'host' }, { systemControls: [{ namespace: 'kernel.sem', value: '1' }] }),
      /not supported when ipcMode=host/,
    ],
    [
      'a system control twice',
      definition({}, { systemControls: [1, 2].map((value) => ({ namespace: 'kernel.sem', value: `${value}` })) }),
      /'kernel.sem' stands there twice/,
    ],
    [
      'a name of a port in capitals',
      definition({}, { portMappings: [{ containerPort: 1, name: 'Web' }] }),
      /Port mapping name 'Web' contains invalid/,
    ],
    [
      'two ports of one name',
      definition({}, { portMappings: [1, 2].map((containerPort) => ({ containerPort, name: 'web' })) }),
      /names must be unique. "web"/,
    ],
    [
      'two host ports that are one',
      definition({}, { portMappings: [1, 2].map((containerPort) => ({ containerPort, hostPort: 80 })) }),
      /TCP host port '80' is mapped multiple times/,
    ],
    [
      'a variable that is a secret as well',
      definition(
        { executionRoleArn: 'r' },
        { environment: [{ name: 'A', value: 'x' }], secrets: [{ name: 'A', valueFrom: 'v' }] },
      ),
      /The secret name must be unique and not shared with .* such as 'A'/,
    ],
    [
      'a container that waits for nobody',
      definition({}, { dependsOn: [{ containerName: 'other', condition: 'START' }] }),
      /^ClientException: Cannot depend on container \+ 'other' because it does not exist/,
    ],
    [
      'a container that waits for itself',
      definition({}, { dependsOn: [{ containerName: 'build', condition: 'START' }] }),
      /'build' depends on itself/,
    ],
    [
      'a circle of containers',
      {
        family: 'f',
        containerDefinitions: [
          { ...BUILD, dependsOn: [{ containerName: 'b', condition: 'START' }] },
          { ...BUILD, name: 'b', dependsOn: [{ containerName: 'build', condition: 'START' }] },
        ],
      },
      /in a circle/,
    ],
    [
      'an end of an essential container to wait for',
      {
        family: 'f',
        containerDefinitions: [
          { ...BUILD, dependsOn: [{ containerName: 'b', condition: 'SUCCESS' }] },
          { ...BUILD, name: 'b' },
        ],
      },
      /^ClientException: A dependency container with SUCCESS or COMPLETE condition cannot be an essential/,
    ],
    [
      'two containers of one name',
      { family: 'f', containerDefinitions: [BUILD, BUILD] },
      /Container names must be unique/,
    ],
    ['a negative disk', definition({ ...FARGATE, ephemeralStorage: { sizeInGiB: -1 } }), /from 21 to 200 GiB/],
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

  it.each<[what: string, changes: object, container: object]>([
    ['a variable that is there twice', {}, { environment: ['x', 'y'].map((value) => ({ name: 'A', value })) }],
    ['a name of a variable with a blank within', {}, { environment: [{ name: 'a b', value: '' }] }],
    ['a port of a container that is there twice', {}, { portMappings: [{ containerPort: 80 }, { containerPort: 80 }] }],
    [
      'absolute paths',
      { volumes: [{ name: 'v', host: { sourcePath: '/data' } }] },
      { mountPoints: [{ sourceVolume: 'v', containerPath: '/d' }], workingDirectory: '/src' },
    ],
    [
      'system controls of a container',
      {},
      {
        systemControls: [
          { namespace: 'net.ipv4.tcp_keepalive_time', value: '60' },
          { namespace: 'fs.mqueue.msg_max', value: '20' },
          { namespace: 'kernel.shm_rmid_forced', value: '1' },
        ],
      },
    ],
    ['a named port', {}, { portMappings: [{ containerPort: 80, name: 'web-80_tcp' }] }],
  ])('not %s', async (_what, changes, container) => {
    expect(await errorOf('RegisterTaskDefinition', definition(changes, container))).toBe('taken');
  });

  it('startTimeout out of its bounds', async () => {
    expect(await errorOf('RegisterTaskDefinition', definition({}, { startTimeout: -1 }))).toMatch(
      /'startTimeout' is -1/,
    );
  });
});
