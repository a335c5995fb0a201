import type { EcsErrorClass } from '../../container.ts';
import type { Cause } from '../causes.ts';

/** One known way in which a call to ECS fails: the first row of its class that fits is the answer. */
export interface ComplaintRow extends Omit<Cause, 'evidence'> {
  /** Any of the names, or the pattern; of `action` alone, where it is given. */
  readonly when: { readonly names?: readonly string[]; readonly pattern?: RegExp; readonly action?: 'RunTask' };
}

/** AWS's names for credentials, or signatures made with them, that it does not accept. */
export const CREDENTIALS_REFUSED: readonly string[] = [
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'AuthFailure',
];

const PLATFORM_REFUSED: readonly string[] = [
  'PlatformUnknownException',
  'PlatformTaskDefinitionIncompatibilityException',
];
// What `wipctl clusters save` sets, in the words of RunTask's errors and of EC2's inside them.
const LAUNCH_SETTINGS =
  /\bsubnets?\b|security ?groups?\b|InvalidSubnet|InvalidGroup|capacity ?provider|launch[ _]?type|platform version|network ?configuration|public IP|placement (constraint|strateg)/i;

const RIGHTS = 'the rights in docker/aws/iam/control-plane.json';

// The rows of a class are tried in order; the last one has no condition.
export const ERROR_CAUSES: Readonly<Record<EcsErrorClass, readonly ComplaintRow[]>> = {
  throttled: [
    {
      cause: 'throttled',
      fault: 'capacity',
      retry: 'wait',
      sentence: 'ECS takes no more calls{quota} at the moment (throttled)',
      remedy: 'Wait; if it lasts, ask AWS for a higher API rate for this account',
      when: {},
    },
  ],
  'credentials-expired': [
    {
      cause: 'credentials-expired',
      fault: 'configuration',
      retry: 'wait',
      sentence: 'The credentials of the cluster have expired',
      remedy: 'Give the cluster new credentials: wipctl clusters save',
      when: {},
    },
  ],
  'access-denied': [
    {
      cause: 'no-credentials',
      fault: 'configuration',
      retry: 'wait',
      sentence: 'There are no AWS credentials for the cluster',
      remedy: 'Give the cluster an access key with wipctl clusters save, or run the nodes with a role',
      when: { names: ['CredentialsProviderError'], pattern: /could not load credentials|no credentials/i },
    },
    {
      cause: 'pass-role-denied',
      fault: 'configuration',
      retry: 'wait',
      sentence: 'The credentials of the cluster may not pass the roles of the task definition to ECS (iam:PassRole)',
      remedy: 'Allow iam:PassRole on the roles that the task definition names as executionRoleArn and taskRoleArn',
      when: { pattern: /\biam:PassRole\b/i },
    },
    {
      cause: 'credentials-refused',
      fault: 'configuration',
      retry: 'wait',
      sentence: 'AWS does not accept the credentials of the cluster',
      remedy:
        'Correct its access key with wipctl clusters save, and the clock of this node if the message speaks of time',
      when: {
        names: CREDENTIALS_REFUSED,
      },
    },
    {
      cause: 'access-denied',
      fault: 'configuration',
      retry: 'wait',
      sentence: 'ECS does not allow {action} with the credentials of the cluster',
      remedy: `Give them ${RIGHTS}, or give the cluster other credentials`,
      when: {},
    },
  ],
  'cluster-missing': [
    {
      cause: 'cluster-missing',
      fault: 'configuration',
      retry: 'wait',
      sentence: 'ECS does not know the cluster',
      remedy: 'Create the cluster, or correct its name and region: wipctl clusters save',
      when: {},
    },
  ],
  // The first rows are of an account that is not prepared yet, which somebody corrects while tasks wait. The others refuse the
  // same request again.
  invalid: [
    {
      cause: 'service-role-missing',
      fault: 'configuration',
      retry: 'wait',
      sentence: 'The AWS account has no service-linked role for ECS yet',
      remedy:
        'Wait a minute, because ECS makes it at its first use; if it lasts: aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com',
      when: { pattern: /service.linked role/i },
    },
    {
      cause: 'account-setting',
      fault: 'configuration',
      retry: 'wait',
      sentence: 'The AWS account still has short ARNs of tasks, which take no tags',
      remedy: 'Run aws ecs put-account-setting-default --name taskLongArnFormat --value enabled',
      when: { pattern: /new (ARN|arn) and resource ID format/ },
    },
    {
      cause: 'role-refused',
      fault: 'configuration',
      retry: 'wait',
      sentence: 'ECS may not assume a role of the task definition',
      remedy:
        'Correct the role in config.ecs.yml, or let ecs-tasks.amazonaws.com assume it, and allow iam:PassRole on it',
      when: { pattern: /unable to assume (the )?role|role is not valid|trust relationship/i },
    },
    {
      cause: 'launch-settings-refused',
      fault: 'configuration',
      retry: 'never',
      sentence: 'ECS refused the launch settings of the cluster',
      remedy:
        'Correct them as the message says with wipctl clusters save, or the task definition in config.ecs.yml where the two do not fit',
      when: { action: 'RunTask', names: PLATFORM_REFUSED, pattern: LAUNCH_SETTINGS },
    },
    {
      cause: 'feature-unsupported',
      fault: 'configuration',
      retry: 'never',
      sentence: 'ECS does not have a feature of the task definition in this region',
      remedy: 'Take the feature out of config.ecs.yml, or use a cluster of another region',
      when: { names: ['UnsupportedFeatureException'] },
    },
    {
      cause: 'request-refused',
      fault: 'configuration',
      retry: 'never',
      sentence: 'ECS refused the request',
      remedy: 'Correct the task definition in config.ecs.yml as the message says',
      when: {},
    },
  ],
  conflict: [
    {
      cause: 'request-conflict',
      fault: 'system',
      retry: 'never',
      sentence: 'ECS has seen this launch before with other parameters',
      remedy: 'Report it: the same attempt must always send the same request',
      when: {},
    },
  ],
  unavailable: [
    {
      cause: 'ecs-not-found',
      fault: 'system',
      retry: 'wait',
      sentence: 'The address of ECS cannot be resolved',
      remedy: 'Correct the region or endpoint of the cluster with wipctl clusters save, or the DNS of this node',
      when: { names: ['ENOTFOUND', 'EAI_AGAIN', 'ENODATA', 'ESERVFAIL'] },
    },
    {
      cause: 'ecs-not-trusted',
      fault: 'system',
      retry: 'wait',
      sentence: 'The certificate at the address of ECS is not trusted, as behind a proxy that opens TLS',
      remedy: 'Let the proxy pass ECS through, or give this node its certificate (NODE_EXTRA_CA_CERTS)',
      when: { pattern: /certificate|\bCERT_|self.signed|unable to verify|\bTLS\b|\bSSL\b/i },
    },
    {
      cause: 'ecs-unreachable',
      fault: 'system',
      retry: 'wait',
      sentence: 'ECS cannot be reached',
      remedy: 'Look at the network, the proxy and the security groups between this node and ECS',
      when: {
        names: [
          'ECONNREFUSED',
          'EHOSTUNREACH',
          'ENETUNREACH',
          'EHOSTDOWN',
          'ENETDOWN',
          'ETIMEDOUT',
          'UND_ERR_CONNECT_TIMEOUT',
        ],
      },
    },
    {
      cause: 'ecs-unavailable',
      fault: 'system',
      retry: 'wait',
      sentence: 'ECS gave no usable answer',
      remedy: 'Wait; if it lasts, look at the network and at the AWS health pages',
      when: {},
    },
  ],
};
