import { describe, expect, it } from 'vitest';
import { classifyEcsError } from '../../../controlplane/ecs/client/classify-ecs-error.ts';
import { EcsCallError } from '../../../controlplane/ecs/client/ecs-error.ts';
import { launchOutcome } from '../../../controlplane/ecs/launch/launch-outcome.ts';
import type { LaunchOutcome } from '../../../controlplane/containers/container.ts';

/** Returns what follows for a launch when the SDK throws this. */
function outcomeOf(thrown: unknown): LaunchOutcome {
  const kind = classifyEcsError(thrown);
  if (kind === null) throw new Error('it is taken for a bug of ours');
  const { awsName: name, awsMessage: sentence } = new EcsCallError('RunTask', kind, thrown);
  return launchOutcome({ kind: 'error', error: kind, name, sentence });
}

function refusalOf(name: string, message: string): unknown {
  return Object.assign(new Error(message), { name, __type: name, $metadata: { httpStatusCode: 400 } });
}

const USER = 'User: arn:aws:iam::123456789012:user/wip';

describe('a throttle', () => {
  it('names the quotas that the call draws from', () => {
    const quotas = ['cluster-resource-modify', 'fargate-run-task'];
    const answer = {
      kind: 'error',
      error: 'throttled',
      name: 'ThrottlingException',
      sentence: 'Rate exceeded',
    } as const;
    expect(launchOutcome({ ...answer, quotas })).toMatchObject({
      cause: 'throttled',
      sentence:
        'ECS takes no more calls of the quota cluster-resource-modify or fargate-run-task at the moment (throttled) (Rate exceeded)',
    });
    expect(launchOutcome(answer)).toMatchObject({
      sentence: 'ECS takes no more calls at the moment (throttled) (Rate exceeded)',
    });
  });
});

describe('an exception of RunTask', () => {
  it.each<[name: string, message: string, kind: LaunchOutcome['kind'], cause: string]>([
    ['InvalidParameterException', 'No Container Instances were found in your cluster.', 'no_resources', 'no-capacity'],
    [
      'InvalidParameterException',
      'No Container Instances were found in your capacity provider.',
      'no_resources',
      'no-capacity',
    ],
    [
      'ClientException',
      'Capacity is unavailable at this time. Please try again later or in a different availability zone',
      'no_resources',
      'no-capacity',
    ],
    ['ServerException', 'Capacity is unavailable at this time.', 'no_resources', 'no-capacity'],
    ['ClientException', 'The PROVISIONING capacity limit exceeded for the cluster.', 'no_resources', 'quota-reached'],
    [
      'ClientException',
      'You’ve reached the limit on the number of vCPUs you can run concurrently',
      'no_resources',
      'quota-reached',
    ],
    [
      'ClientException',
      'You’ve reached the limit on the number of tasks you can run concurrently',
      'no_resources',
      'quota-reached',
    ],
    [
      'InvalidParameterException',
      'subnet-1 has insufficient free addresses (ErrorCode: InsufficientFreeAddressesInSubnet)',
      'no_resources',
      'no-capacity',
    ],
    [
      'ClientException',
      'Too many concurrent attempts to create a new revision of the specified family.',
      'no_information',
      'throttled',
    ],
    ['ThrottlingException', 'Rate exceeded', 'no_information', 'throttled'],
    [
      'AccessDeniedException',
      `${USER} is not authorized to perform: ecs:RunTask on resource: arn:aws:ecs:eu-west-1:1:task-definition/a:1`,
      'no_information',
      'access-denied',
    ],
    [
      'AccessDeniedException',
      `${USER} is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/exec`,
      'no_information',
      'pass-role-denied',
    ],
    ['ClientException', `${USER} is not authorized to perform: iam:PassRole`, 'no_information', 'pass-role-denied'],
    [
      'ClientException',
      "ECS was unable to assume the role 'arn:aws:iam::1:role/exec' that was provided for this task.",
      'no_information',
      'role-refused',
    ],
    ['InvalidParameterException', 'Role is not valid', 'no_information', 'role-refused'],
    ['BlockedException', 'Your account was blocked.', 'no_information', 'access-denied'],
    ['UnrecognizedClientException', 'The security token is invalid.', 'no_information', 'credentials-refused'],
    ['InvalidSignatureException', 'Signature expired: 1 is now earlier', 'no_information', 'credentials-refused'],
    ['ExpiredTokenException', 'The security token is expired', 'no_information', 'credentials-expired'],
    ['ClusterNotFoundException', 'Cluster not found.', 'no_information', 'cluster-missing'],
    ['ClientException', 'TaskDefinition is inactive', 'refused', 'definition-missing'],
    ['ClientException', 'TaskDefinition not found.', 'refused', 'definition-missing'],
    ['InvalidParameterException', 'Unable to describe task definition.', 'refused', 'definition-missing'],
    [
      'InvalidParameterException',
      'Override for container named no-container-instances is not a container in the TaskDefinition.',
      'refused',
      'request-refused',
    ],
    ['PlatformUnknownException', 'The platform is unknown.', 'refused', 'launch-settings-refused'],
    [
      'PlatformTaskDefinitionIncompatibilityException',
      'The platform does not satisfy the task definition.',
      'refused',
      'launch-settings-refused',
    ],
    ['UnsupportedFeatureException', 'Not supported in this Region.', 'refused', 'feature-unsupported'],
    [
      'InvalidParameterException',
      "The subnet ID 'subnet-1' does not exist (Service: AmazonEC2; Error Code: InvalidSubnetID.NotFound)",
      'refused',
      'launch-settings-refused',
    ],
    [
      'InvalidParameterException',
      'Error retrieving security group information for [sg-1]: The security group does not exist (ErrorCode: InvalidGroup.NotFound)',
      'refused',
      'launch-settings-refused',
    ],
    [
      'InvalidParameterException',
      'Task definition does not support launch_type FARGATE.',
      'refused',
      'launch-settings-refused',
    ],
    [
      'InvalidParameterException',
      "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
      'refused',
      'launch-settings-refused',
    ],
    [
      'InvalidParameterException',
      'The specified capacity provider was not found. Specify a valid name or ARN and try again.',
      'refused',
      'launch-settings-refused',
    ],
    ['InvalidParameterException', 'The referenced cluster was inactive.', 'no_information', 'cluster-missing'],
    ['ClientException', 'The referenced cluster was inactive.', 'no_information', 'cluster-missing'],
    ['ClientException', 'Cluster is inactive', 'no_information', 'cluster-missing'],
    [
      'InvalidParameterException',
      'Unable to assume the service linked role. Please verify that the ECS service linked role exists.',
      'no_information',
      'service-role-missing',
    ],
    [
      'InvalidParameterException',
      'The new ARN and resource ID format must be enabled to add tags to the task. Opt in to the new format and try again.',
      'no_information',
      'account-setting',
    ],
    ['ServerException', 'Service Unavailable. Please try again later.', 'no_information', 'ecs-unavailable'],
    ['BrandNewException', 'Something that no release of ECS had before', 'no_information', 'ecs-unavailable'],
  ])('%s "%s" is %s: %s', (name, message, kind, cause) => {
    expect(outcomeOf(refusalOf(name, message))).toMatchObject({ kind, cause });
  });

  it('names the right that is missing, and what to do', () => {
    const message = `${USER} is not authorized to perform: ecs:TagResource on resource: *`;
    expect(outcomeOf(refusalOf('AccessDeniedException', message))).toMatchObject({
      sentence: `ECS does not allow ecs:TagResource with the credentials of the cluster (${message})`,
      remedy: expect.stringContaining('rights'),
      evidence: [`RunTask: AccessDeniedException: ${message}`],
      fault: 'configuration',
    });
  });

  it('that no other attempt can help is not launched again', () => {
    expect(outcomeOf(refusalOf('InvalidParameterException', 'Invalid family'))).toMatchObject({ retry: 'never' });
    expect(outcomeOf(refusalOf('ClientException', 'TaskDefinition is inactive'))).toMatchObject({
      retry: 'launch-again',
    });
  });
});

describe('an answer that is none of ECS', () => {
  const page = (status: number, type: string) =>
    Object.assign(new SyntaxError('Unexpected token \'<\', "<html>" is not valid JSON'), {
      $metadata: { httpStatusCode: status },
      $response: { statusCode: status, headers: { 'content-type': type } },
    });

  it.each([200, 302, 403, 407, 502, 503])('as the page of a proxy with status %i proves nothing', (status) => {
    expect(outcomeOf(page(status, 'text/html; charset=utf-8'))).toMatchObject({
      kind: 'no_information',
      cause: 'ecs-unavailable',
      sentence: expect.stringContaining(`HTTP ${status} with text/html, which is no answer of ECS`),
    });
  });

  it('as the JSON of a gateway is no refusal, whatever name it has', () => {
    const gateway = {
      name: 'ValidationException',
      code: 'ValidationException',
      message: 'blocked',
      $metadata: { httpStatusCode: 400 },
    };
    expect(outcomeOf(gateway)).toMatchObject({ kind: 'no_information', cause: 'ecs-unavailable' });
  });

  it.each([
    ['ENOTFOUND', 'getaddrinfo ENOTFOUND ecs.eu-wst-1.amazonaws.com', 'ecs-not-found'],
    ['EAI_AGAIN', 'getaddrinfo EAI_AGAIN ecs.eu-west-1.amazonaws.com', 'ecs-not-found'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain', 'ecs-not-trusted'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate', 'ecs-not-trusted'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify the first certificate', 'ecs-not-trusted'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unable to get local issuer certificate', 'ecs-not-trusted'],
    ['CERT_HAS_EXPIRED', 'certificate has expired', 'ecs-not-trusted'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', "Hostname/IP does not match certificate's altnames", 'ecs-not-trusted'],
    ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:443', 'ecs-unreachable'],
    ['ETIMEDOUT', 'connect ETIMEDOUT 10.0.0.1:443', 'ecs-unreachable'],
    ['ECONNRESET', 'socket hang up', 'ecs-unavailable'],
    ['EPIPE', 'write EPIPE', 'ecs-unavailable'],
    ['HPE_INVALID_CONSTANT', 'Parse Error: Expected HTTP/', 'ecs-unavailable'],
  ])('as the failure %s of the way to it: %s', (code, message, cause) => {
    expect(outcomeOf(Object.assign(new Error(message), { code }))).toMatchObject({ kind: 'no_information', cause });
  });

  it('as missing credentials says so', () => {
    const thrown = Object.assign(new Error('Could not load credentials from any providers'), {
      name: 'CredentialsProviderError',
    });
    expect(outcomeOf(thrown)).toMatchObject({ kind: 'no_information', cause: 'no-credentials' });
  });
});

describe('a failure that RunTask answers', () => {
  it.each([
    ['RESOURCE:MEMORY', 'no machine has enough memory left'],
    ['RESOURCE:CPU', 'no machine has enough CPU units left'],
    ['RESOURCE:PORTS:TCP', 'no machine has enough host ports left'],
    ['RESOURCE:ENI', 'no machine has enough network interfaces left'],
    ['RESOURCE:GPU', 'no machine has enough GPUs left'],
    ['RESOURCE:SOMETHING', 'The cluster has no room for the container (RESOURCE:SOMETHING)'],
    ['AGENT', 'is disconnected (AGENT)'],
  ])('%s tells which resource is lacking', (reason, words) => {
    const outcome = launchOutcome({ kind: 'failed', failures: [{ reason, detail: '' }] });
    expect(outcome).toMatchObject({ kind: 'no_resources', evidence: [`RunTask failure: ${reason}`] });
    expect(JSON.stringify(outcome)).toContain(words);
  });

  it.each<[string, string[], LaunchOutcome['kind'], string]>([
    [
      'machines of which some never fit and one is full',
      ['ATTRIBUTE', 'RESOURCE:MEMORY'],
      'no_resources',
      'no-capacity',
    ],
    ['the same in the other order', ['RESOURCE:MEMORY', 'ATTRIBUTE'], 'no_resources', 'no-capacity'],
    ['machines that never fit and one that is away', ['ATTRIBUTE', 'AGENT'], 'no_resources', 'host-agent-disconnected'],
    ['a throttle beside a refusal', ['LOCATION', 'Rate exceeded'], 'no_information', 'throttled'],
    ['a full machine beside a throttle', ['Rate exceeded', 'RESOURCE:CPU'], 'no_resources', 'no-capacity'],
    ['machines that are no members', ['MemberOf placement constraint unsatisfied.'], 'refused', 'placement-impossible'],
    [
      'machines that have a task of the group each',
      ['DistinctInstance placement constraint unsatisfied.'],
      'no_resources',
      'no-capacity',
    ],
    ['a revision that is gone, beside a refusal', ['ATTRIBUTE', 'INACTIVE'], 'refused', 'definition-missing'],
    ['machines that all never fit', ['ATTRIBUTE', 'LOCATION', 'ATTRIBUTE'], 'refused', 'placement-impossible'],
  ])('waits in a cluster of mixed machines while one may have room: %s', (_what, reasons, kind, cause) => {
    const outcome = launchOutcome({ kind: 'failed', failures: reasons.map((reason) => ({ reason, detail: '' })) });
    expect(outcome).toMatchObject({ kind, cause });
  });

  it('has each different failure in its evidence once', () => {
    const failures = ['ATTRIBUTE', 'ATTRIBUTE', 'RESOURCE:MEMORY', 'ATTRIBUTE'].map((reason) => ({
      reason,
      detail: '',
    }));
    expect(launchOutcome({ kind: 'failed', failures })).toMatchObject({
      evidence: ['RunTask failure: ATTRIBUTE', 'RunTask failure: RESOURCE:MEMORY'],
    });
  });

  it('a cluster scaled to zero is told apart from a full one', () => {
    const sentence = 'No Container Instances were found in your cluster.';
    expect(
      launchOutcome({ kind: 'error', error: 'invalid', name: 'InvalidParameterException', sentence }),
    ).toMatchObject({
      kind: 'no_resources',
      sentence: expect.stringContaining('has no container instance'),
      remedy: expect.stringContaining('Add a machine'),
    });
  });
});

describe('a node whose clock is wrong', () => {
  it.each([
    'Signature expired: 20261130T185523Z is now earlier than 20261130T195523Z (- 5 min.)',
    'Signature not yet current: 20261130T185625Z is still later than 20261130T175625Z (+ 5 min.)',
  ])('is told to set it right, and not to change the rights of the cluster: %s', (message) => {
    const thrown = Object.assign(new Error(message), { name: 'InvalidSignatureException' });
    const error = new EcsCallError('ListTasks', 'access-denied', thrown);
    expect(error.message).toMatch(/Set the clock of this node right/);
    expect(error.message).not.toContain('rights in docker');
  });
});
