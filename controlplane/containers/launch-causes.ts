import type { Cause } from './causes.ts';
import type { EcsErrorClass } from './container.ts';

/** Why a launch did not lead to a container, or a call to ECS to no answer. */

/** An error of a call to ECS, or of the way to it. */
export interface EcsComplaint {
  /** The text of the error. */
  readonly said: string;
  /** The name that AWS or Node gave the error; empty when nobody named it. */
  readonly name?: string;
  /** The call, such as RunTask. */
  readonly action?: string;
}

type Row = Omit<Cause, 'evidence'>;
interface ComplaintRow extends Row {
  readonly when: { readonly names?: readonly string[]; readonly pattern?: RegExp };
}

/** Explains an entry of RunTask's `failures`: ECS answered and placed no task. */
export function explainRunTaskFailure(reason: string, detail: string): Cause {
  const evidence = [`RunTask failure: ${[reason, detail].filter((text) => text !== '').join(' ')}`];
  const said = detail || reason;
  if (reason === 'AGENT') {
    return {
      cause: 'host-agent-disconnected',
      fault: 'capacity',
      retry: 'wait',
      sentence: 'The ECS agent of the machine that has room is disconnected (AGENT)',
      remedy: 'Look at the machines of the cluster if it lasts: their ECS agents must be connected',
      evidence,
    };
  }
  if (/^(MISSING|INACTIVE)$/.test(reason)) return definitionMissing(evidence);
  if (/^(ATTRIBUTE|LOCATION|PLATFORM|MemberOf placement)/i.test(reason)) {
    return {
      cause: 'placement-impossible',
      fault: 'configuration',
      retry: 'never',
      sentence: `No machine of the cluster fits the task definition (${said})`,
      remedy: 'Compare the attributes and constraints of the task definition with the machines of the cluster',
      evidence,
    };
  }
  return { ...(capacityRow([reason, detail]) ?? noRoom(reason, said)), evidence };
}

// Sources: "Amazon ECS API failure reasons", "Service event messages" and "Stopped tasks error messages" (developer
// guide); EC2's error codes for what an awsvpc network needs; public reports of RunTask's own messages.
const CAPACITY: readonly (Row & { readonly pattern: RegExp })[] = [
  {
    cause: 'no-capacity',
    fault: 'capacity',
    retry: 'wait',
    sentence: 'The cluster has no container instance, so nothing can be placed ({said})',
    remedy: 'Add a machine to the cluster, or let its capacity provider scale it up',
    pattern: /no container instances were found/i,
  },
  {
    cause: 'quota-reached',
    fault: 'capacity',
    retry: 'wait',
    sentence: 'A quota of the AWS account is used up ({said})',
    remedy: 'Wait for running builds to end, or ask AWS for a higher quota (Service Quotas)',
    pattern:
      /reached the limit on the number of|is above your limit|\bvCPU (limit|quota)\b|tasks? (limit|quota) (was |is |has been )?(exceeded|reached)|provisioning capacity limit exceeded|VcpuLimitExceeded|InstanceLimitExceeded|MaxSpotInstanceCountExceeded/i,
  },
  {
    cause: 'no-capacity',
    fault: 'capacity',
    retry: 'wait',
    sentence: 'The subnets of the cluster have no address or network interface left ({said})',
    remedy: 'Wait for running builds to end, or give the cluster further subnets: wipctl clusters save',
    pattern: /InsufficientFreeAddressesInSubnet|insufficient free addresses|NetworkInterfaceLimitExceeded/i,
  },
  {
    cause: 'no-capacity',
    fault: 'capacity',
    retry: 'wait',
    sentence: 'AWS has no capacity for the container at the moment ({said})',
    remedy: 'Wait; if it lasts, use further availability zones, another machine type or another capacity provider',
    pattern: /capacity is unavailable|insufficient (instance )?capacity|InsufficientInstanceCapacity/i,
  },
];

/** The resources that `RESOURCE:…` names, in words. */
const RESOURCES: Readonly<Record<string, string>> = {
  MEMORY: 'memory',
  CPU: 'CPU units',
  PORT: 'host ports',
  PORTS: 'host ports',
  ENI: 'network interfaces',
  GPU: 'GPUs',
  DISK: 'disk',
};

// RESOURCE:* and reasons that ECS may add later: no task was placed, so waiting is right.
function noRoom(reason: string, said: string): Row {
  const [, resource = ''] = /^RESOURCE:([A-Z]+)/i.exec(reason) ?? [];
  const lacking = RESOURCES[resource.toUpperCase()];
  const remedy = 'Wait for running builds to end, or add capacity to the cluster';
  return {
    cause: 'no-capacity',
    fault: 'capacity',
    retry: 'wait',
    sentence: `The cluster has no room for the container (${said})`,
    remedy: lacking ? `${remedy}: no machine has enough ${lacking} left` : remedy,
  };
}

function capacityRow(texts: readonly string[]): Row | null {
  const row = CAPACITY.find(({ pattern }) => texts.some((text) => pattern.test(text)));
  return row ? filled(row, texts.findLast((text) => text !== '') ?? '') : null;
}

/**
 * Explains a refusal that means missing capacity; null for any other. ECS reports these in words only, under the name
 * of any refused parameter.
 */
export function explainMissingCapacity(said: string): Cause | null {
  const row = capacityRow([said]);
  return row && { ...row, evidence: [said] };
}

export function definitionMissing(evidence: readonly string[]): Cause {
  return {
    cause: 'definition-missing',
    fault: 'configuration',
    retry: 'launch-again',
    sentence: 'ECS does not know the revision of the task definition any more',
    remedy: 'Nothing to do: the next attempt registers it again',
    evidence,
  };
}

const RIGHTS = 'the rights listed in controlplane/ecs/README.md';

// The rows of a class are tried in order; the last one has no condition.
const ERROR_CAUSES: Readonly<Record<EcsErrorClass, readonly ComplaintRow[]>> = {
  throttled: [
    {
      cause: 'throttled',
      fault: 'capacity',
      retry: 'wait',
      sentence: 'ECS takes no more calls at the moment (throttled)',
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
        names: [
          'UnrecognizedClientException',
          'InvalidClientTokenId',
          'InvalidSignatureException',
          'SignatureDoesNotMatch',
          'IncompleteSignature',
          'IncompleteSignatureException',
          'MissingAuthenticationToken',
          'MissingAuthenticationTokenException',
          'AuthFailure',
        ],
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
  invalid: [
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

/** AWS names the right that is missing: "… is not authorized to perform: ecs:RunTask on resource: …". */
const DENIED = /not authorized to perform: ?([a-z0-9-]+:[A-Za-z*]+)/i;

/** Explains a call that ECS answered with an error or not at all. */
export function explainEcsError(error: EcsErrorClass, { said, name = '', action = '' }: EcsComplaint): Cause {
  const row = ERROR_CAUSES[error].find(({ when }) => fits(when, { name, said }))!;
  const denied = DENIED.exec(said)?.[1] ?? (action === '' ? 'this' : action);
  const sentence = row.sentence.replace('{action}', () => denied);
  return {
    cause: row.cause,
    fault: row.fault,
    retry: row.retry,
    sentence: said === '' ? sentence : `${sentence} (${withoutStop(said)})`,
    remedy: row.remedy,
    evidence: [[action, name, said].filter((text) => text !== '').join(': ')].filter((text) => text !== ''),
  };
}

function fits({ names, pattern }: ComplaintRow['when'], { name, said }: { name: string; said: string }): boolean {
  if (!names && !pattern) return true;
  return names?.includes(name) === true || pattern?.test(said) === true || pattern?.test(name) === true;
}

function filled({ cause, fault, retry, sentence, remedy }: Row, said: string): Row {
  return { cause, fault, retry, sentence: sentence.replace('{said}', () => withoutStop(said)), remedy };
}

function withoutStop(text: string): string {
  return text.trim().replace(/\.$/, '');
}
