import type { Cause } from './causes.ts';
import { withoutStop } from './message-words.ts';

/** Why RunTask answered and placed no task. */

type Row = Omit<Cause, 'evidence'>;

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
    remedy:
      'The next attempt registers it again; if it happens to each, find out who deregisters task definitions of Wip in this account',
    evidence,
  };
}

function filled({ cause, fault, retry, sentence, remedy }: Row, said: string): Row {
  return { cause, fault, retry, sentence: sentence.replace('{said}', () => withoutStop(said)), remedy };
}
