import type { Container, Task } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { classifyEcsError } from '../../../controlplane/ecs/client/classify-ecs-error.ts';
import { placementOf } from '../../../controlplane/ecs/config/cluster.ts';
import type { AddressKind } from '../../../controlplane/ecs/client/ec2-addresses.ts';
import { toEcsSnapshot } from '../../../controlplane/ecs/client/to-ecs-snapshot.ts';

const AT = '2026-01-01T00:00:00.000Z';
const noHost = (): null => null;

function snapshotOf(
  task: Partial<Task>,
  hostOf: (id: string) => string | null = noHost,
  kind: AddressKind = 'private',
) {
  const hosts = { kind, hostOfInstance: hostOf, hostOfInterface: hostOf };
  return toEcsSnapshot({ taskArn: 'a', lastStatus: 'RUNNING', desiredStatus: 'RUNNING', ...task }, AT, hosts);
}

describe('what ECS says of a task', () => {
  it('has an address by its own interface on awsvpc networks', () => {
    const details = [{ name: 'privateIPv4Address', value: '10.0.0.7' }];
    expect(snapshotOf({ attachments: [{ type: 'ElasticNetworkInterface', details }] })).toMatchObject({
      address: { host: '10.0.0.7', port: 22 },
    });
  });

  it.each([
    ['127.0.0.1', noHost, { host: '127.0.0.1', port: 40022 }],
    ['0.0.0.0', noHost, null],
    ['0.0.0.0', (arn: string) => (arn === 'instance' ? '10.0.0.9' : null), { host: '10.0.0.9', port: 40022 }],
  ])('has the address of its machine on bridge networks bound to %s', (bindIP, hostOf, address) => {
    const networkBindings = [
      { containerPort: 8007, hostPort: 40023, bindIP },
      { containerPort: 22, hostPort: 40022, bindIP },
    ];
    expect(snapshotOf({ containerInstanceArn: 'instance', containers: [{ networkBindings }] }, hostOf)).toMatchObject({
      address,
    });
  });

  it('has the public address of its interface, or of its machine, where nodes connect to that', () => {
    const publicOf = (id: string): string | null => ({ 'eni-1': '198.51.100.7', instance: '198.51.100.9' })[id] ?? null;
    const details = [
      { name: 'networkInterfaceId', value: 'eni-1' },
      { name: 'privateIPv4Address', value: '10.0.0.7' },
    ];
    const onFargate = { attachments: [{ type: 'ElasticNetworkInterface', details }] };
    expect(snapshotOf(onFargate, publicOf, 'public')).toMatchObject({ address: { host: '198.51.100.7', port: 22 } });
    expect(snapshotOf(onFargate, noHost, 'public')).toMatchObject({ address: null });
    const networkBindings = [{ containerPort: 22, hostPort: 40022, bindIP: '10.0.0.9' }];
    const onMachine = { containerInstanceArn: 'instance', containers: [{ networkBindings }] };
    expect(snapshotOf(onMachine, publicOf, 'public')).toMatchObject({ address: { host: '198.51.100.9', port: 40022 } });
    expect(snapshotOf(onMachine, noHost, 'public')).toMatchObject({ address: null });
  });

  it('keeps an exit code 0, and says null when there is none', () => {
    const ended = { lastStatus: 'STOPPED', desiredStatus: 'STOPPED' };
    expect(snapshotOf({ ...ended, containers: [{ exitCode: 0 }] })).toMatchObject({ exitCode: 0 });
    expect(snapshotOf({ ...ended, containers: [{ reason: 'OutOfMemoryError' }] })).toMatchObject({
      exitCode: null,
      containerReason: 'OutOfMemoryError',
    });
    expect(snapshotOf({ containers: [] })).toMatchObject({ exitCode: null });
  });

  it('has an exit code as soon as ECS stops the task, and none while the task is to run on', () => {
    const containers = [{ name: 'build', exitCode: 137 }];
    expect(snapshotOf({ containers })).toMatchObject({ exitCode: null });
    expect(snapshotOf({ containers, desiredStatus: 'STOPPED' })).toMatchObject({ exitCode: 137 });
    expect(snapshotOf({ containers, lastStatus: 'DEACTIVATING' })).toMatchObject({ exitCode: 137 });
  });

  it('is unknown when its status is none that we know', () => {
    expect(snapshotOf({ lastStatus: 'DREAMING' })).toMatchObject({ kind: 'unknown' });
  });
});

describe('what ECS says of a task with several containers', () => {
  const overrides = {
    containerOverrides: [
      { name: 'proxy' },
      { name: 'build', environment: [{ name: 'SIGNAL_URL', value: 'http://…' }] },
    ],
  };
  const OUT_OF_MEMORY = 'OutOfMemoryError: Container killed due to memory usage';
  const inBothOrders = (one: Container, other: Container): Container[][] => [
    [one, other],
    [other, one],
  ];

  it('a healthy build runs on when a helper has ended with exit code 0', () => {
    const init = { name: 'init', lastStatus: 'STOPPED', exitCode: 0 };
    for (const containers of inBothOrders(init, { name: 'build', lastStatus: 'RUNNING' })) {
      expect(snapshotOf({ overrides, containers })).toMatchObject({
        exitCode: null,
        others: [{ name: 'init', exitCode: 0, reason: null }],
      });
    }
  });

  it('the exit code, reason and memory of the build are those of its container, whatever is listed first', () => {
    const agent = { name: 'aws-guardduty-agent-x', exitCode: 0, memory: '128' };
    const stopped = { lastStatus: 'STOPPED', desiredStatus: 'STOPPED', overrides };
    const build = { name: 'build', exitCode: 137, reason: OUT_OF_MEMORY, memory: '512' };
    for (const containers of inBothOrders(agent, build)) {
      expect(snapshotOf({ ...stopped, containers })).toMatchObject({
        exitCode: 137,
        containerReason: OUT_OF_MEMORY,
        memoryLimitBytes: 512 * 2 ** 20,
      });
    }
    for (const containers of inBothOrders(agent, { name: 'build', reason: OUT_OF_MEMORY })) {
      expect(snapshotOf({ ...stopped, containers })).toMatchObject({ exitCode: null, containerReason: OUT_OF_MEMORY });
    }
  });

  it('the address is that of the build, though a helper maps its own port 22', () => {
    const bound = (name: string, hostPort: number): Container => ({
      name,
      networkBindings: [{ containerPort: 22, hostPort, bindIP: '10.0.0.9' }],
    });
    for (const containers of inBothOrders(bound('sftp', 40001), bound('build', 40002))) {
      expect(snapshotOf({ overrides, containers })).toMatchObject({ address: { host: '10.0.0.9', port: 40002 } });
    }
  });

  it('takes none for the build when ECS lists only others, or says not which one it is', () => {
    const stopped = { lastStatus: 'STOPPED', desiredStatus: 'STOPPED' };
    const proxy = { name: 'proxy', exitCode: 0 };
    expect(snapshotOf({ ...stopped, overrides, containers: [proxy] })).toMatchObject({ exitCode: null });
    const containers = [proxy, { name: 'build', exitCode: 1 }];
    expect(snapshotOf({ ...stopped, containers })).toMatchObject({ exitCode: null });
  });

  it('says why a helper kept the build from starting', () => {
    const reason = 'CannotPullContainerError: manifest for proxy:9 not found';
    const failed = { lastStatus: 'STOPPED', desiredStatus: 'STOPPED', stopCode: 'TaskFailedToStart' } as const;
    const containers = [{ name: 'proxy', reason }, { name: 'build' }];
    expect(snapshotOf({ ...failed, overrides, containers })).toMatchObject({ containerReason: reason });
  });
});

describe('errors of calls', () => {
  it.each([
    [{ name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } }, 'throttled'],
    [{ name: 'SomethingNew', $metadata: { httpStatusCode: 429 } }, 'throttled'],
    [{ name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } }, 'access-denied'],
    [{ name: 'UnrecognizedClientException', $metadata: { httpStatusCode: 400 } }, 'access-denied'],
    [{ name: 'CredentialsProviderError' }, 'access-denied'],
    [{ name: 'ExpiredTokenException', $metadata: { httpStatusCode: 400 } }, 'credentials-expired'],
    [{ name: 'ClusterNotFoundException', $metadata: { httpStatusCode: 400 } }, 'cluster-missing'],
    [{ name: 'ConflictException', $metadata: { httpStatusCode: 400 } }, 'conflict'],
    [{ name: 'InvalidParameterException', $metadata: { httpStatusCode: 400 } }, 'invalid'],
    [{ name: 'ServerException', $metadata: { httpStatusCode: 500 } }, 'unavailable'],
    [{ name: 'SyntaxError', $metadata: { httpStatusCode: 502 } }, 'unavailable'],
    [{ name: 'TimeoutError', code: 'ECONNRESET', $metadata: {} }, 'unavailable'],
    [{ name: 'TimeoutError' }, 'unavailable'],
    [{ name: 'Error', code: 'ECONNREFUSED' }, 'unavailable'],
    [{ name: 'Error', code: 'ENOTFOUND' }, 'unavailable'],
    [{ name: 'Error', code: 'CERT_HAS_EXPIRED' }, 'unavailable'],
    [{ name: 'SomethingNew', $metadata: { httpStatusCode: 400 } }, 'unavailable'],
    [new TypeError('a bug of ours'), null],
    [undefined, null],
  ])('%o', (thrown, kind) => {
    expect(classifyEcsError(thrown)).toBe(kind);
  });
});

describe('errors that ECS wraps into others', () => {
  const WRAPPED: [name: string, message: string, kind: string][] = [
    [
      'InvalidParameterException',
      'Error retrieving subnet information for [subnet-1]: Rate exceeded (ErrorCode: Throttling)',
      'throttled',
    ],
    [
      'InvalidParameterException',
      'Error retrieving security group information for [sg-1]: Request limit exceeded. (ErrorCode: RequestLimitExceeded)',
      'throttled',
    ],
    ['ClientException', 'ThrottlingException: Rate exceeded', 'throttled'],
    ['ClientException', 'Rate exceeded', 'throttled'],
    [
      'ClientException',
      'Rate exceeded (Service: AmazonEC2; Status Code: 503; Error Code: RequestLimitExceeded)',
      'throttled',
    ],
    [
      'ClientException',
      'An error occurred (TooManyRequestsException) when calling the GetRole operation: ',
      'throttled',
    ],
    ['ClientException', 'Too many concurrent attempts to create a new revision of the specified family.', 'throttled'],
    ['ServerException', 'Service discovery: Rate exceeded', 'throttled'],
    ['RequestLimitExceeded', 'Request limit exceeded.', 'throttled'],
    ['SomethingNew', 'Your request was throttled.', 'throttled'],
    [
      'InvalidParameterException',
      'You are not authorized to perform this operation. (ErrorCode: UnauthorizedOperation)',
      'access-denied',
    ],
    ['ClientException', 'User: arn:aws:iam::1:user/a is not authorized to perform: iam:PassRole', 'access-denied'],
    ['CredentialsProviderError', 'Could not load credentials from any providers', 'access-denied'],
    ['CredentialsProviderError', 'The SSO session token has expired. Log in again.', 'credentials-expired'],
    [
      'InvalidParameterException',
      'The security token included in the request is expired (ErrorCode: ExpiredToken)',
      'credentials-expired',
    ],
    [
      'ClientException',
      'ExpiredTokenException: The security token included in the request is expired',
      'credentials-expired',
    ],
    ['ClientException', 'An internal error occurred: service is temporarily unavailable', 'unavailable'],
    ['InvalidParameterException', 'Error retrieving subnet information: (ErrorCode: InternalError)', 'unavailable'],
    ['AccessDeniedException', 'Rate exceeded', 'access-denied'],
    [
      'InvalidParameterException',
      "The subnet ID 'subnet-1' does not exist (ErrorCode: InvalidSubnetID.NotFound)",
      'invalid',
    ],
    [
      'InvalidParameterException',
      'Override for container named throttle is not a container in the TaskDefinition.',
      'invalid',
    ],
    ['InvalidParameterException', 'Container Overrides length must be at most 8192', 'invalid'],
    ['ClientException', 'No Fargate configuration exists for given values.', 'invalid'],
    ['ClientException', 'ECS was unable to assume the role that was provided for this task.', 'invalid'],
  ];

  it.each(WRAPPED)('%s "%s" is %s', (name, message, kind) => {
    expect(classifyEcsError(Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } }))).toBe(
      kind,
    );
  });

  it('are found behind the errors that the SDK wraps around them', () => {
    const expired = Object.assign(new Error('expired'), { name: 'ExpiredTokenException' });
    const middle = new Error('AssumeRole failed', { cause: expired });
    const outer = Object.assign(new Error('no credentials', { cause: middle }), { name: 'CredentialsProviderError' });
    expect(classifyEcsError(outer)).toBe('credentials-expired');
    middle.cause = outer;
    expect(classifyEcsError(outer)).toBe('access-denied');
  });
});

describe('what the cluster decides of a launch', () => {
  it('spreads builds over the machines of EC2', () => {
    expect(placementOf({ type: 'ec2' })).toEqual({
      launchType: 'EC2',
      placementStrategy: [{ type: 'spread', field: 'instanceId' }],
    });
  });

  it('puts Fargate into its subnets', () => {
    expect(placementOf({ type: 'fargate', subnets: ['s'], securityGroups: ['g'], assignPublicIp: true })).toEqual({
      launchType: 'FARGATE',
      networkConfiguration: {
        awsvpcConfiguration: { subnets: ['s'], securityGroups: ['g'], assignPublicIp: 'ENABLED' },
      },
    });
  });

  it('names capacity providers instead of a launch type', () => {
    expect(placementOf({ type: 'capacity-providers', providers: [{ name: 'p', weight: 1, base: 0 }] })).toEqual({
      capacityProviderStrategy: [{ capacityProvider: 'p', weight: 1, base: 0 }],
    });
  });
});
