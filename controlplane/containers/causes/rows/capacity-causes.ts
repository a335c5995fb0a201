import type { CauseRow } from '../cause-row.ts';

/** Ends for lack of room. They come before image texts, because those quote them. */
export const CAPACITY_CAUSES: readonly CauseRow[] = [
  {
    cause: 'host-disk-full',
    fault: 'capacity',
    retry: 'launch-again',
    sentence: 'The disk of the machine that should run the container is full',
    remedy: 'Clean up or enlarge the disks of the cluster: old images are the usual reason',
    when: { pattern: /\bno space left on device\b|Thin Pool has \d+ free data blocks|\bdisk quota exceeded\b/i },
  },
  {
    cause: 'quota-reached',
    fault: 'capacity',
    retry: 'wait',
    sentence: 'A quota of the AWS account is used up ({reason})',
    remedy: 'Wait for running tasks to end, or ask AWS for a higher quota (Service Quotas)',
    when: {
      pattern:
        /reached the limit on the number of|configuration is above your limit|\bv?CPU(s|-based)? (limit|quota)\b|VcpuLimitExceeded|(?<![\w.])LimitExceededException\b/i,
    },
  },
  {
    cause: 'storage-provisioning',
    fault: 'capacity',
    retry: 'launch-again',
    sentence: 'The storage of the container was not ready in time',
    remedy: 'Run the build again; if it happens often, ask for less ephemeral storage or tell AWS',
    when: {
      pattern:
        /\bTimeout waiting for (ephemeral ?storage|EBS volumes?)\b|\b(ephemeral ?storage|EBS volumes?)\b.*\b(timeout|timed out)\b/is,
    },
  },
  {
    cause: 'network-configuration',
    fault: 'configuration',
    retry: 'never',
    sentence: 'The network interface of the container cannot be made as configured ({reason})',
    remedy:
      'Correct subnets and security groups of the cluster (wipctl clusters save), or the rights and tag policies of the account',
    when: {
      pattern:
        /\berror while attempting to .*(Unauthorized|TagPolicyViolation|Invalid(Subnet|Group|SecurityGroup|Parameter))/is,
    },
  },
  {
    cause: 'network-provisioning',
    fault: 'capacity',
    retry: 'launch-again',
    sentence: 'The network interface of the container was not ready in time ({reason})',
    remedy: 'Run the build again; if it happens often, look at free addresses in the subnets and at the ENI limits',
    when: {
      pattern:
        /network interface provisioning|error while attempting to .*network interface|\bInsufficientFreeAddressesInSubnet\b|attach network interface to unused device index|NetworkInterfaceLimitExceeded/is,
    },
  },
  {
    cause: 'network-setup-failed',
    fault: 'system',
    retry: 'launch-again',
    sentence: 'The network of the container could not be set up ({reason})',
    remedy: 'Run the build again; if it happens often, look at the ECS agents of the cluster',
    when: {
      pattern:
        /\bfailed to (configure|setup|set up) (\w+ )?ENI\b|\b(NetworkNamespace|ENIInformation|ContainerNetworking|CannotGetContainerNetwork)Error\b/i,
    },
  },
  {
    cause: 'port-conflict',
    fault: 'capacity',
    retry: 'launch-again',
    sentence: 'A port that the container needs was taken on its machine',
    remedy: 'Publish container ports with host port 0, so that each container gets its own',
    when: { pattern: /port is already allocated|address already in use|ports are not available/i },
  },
  {
    cause: 'host-agent-disconnected',
    fault: 'capacity',
    retry: 'wait',
    sentence: 'The ECS agent of the machine that has room is disconnected',
    remedy: 'Look at the machines of the cluster if it lasts: their ECS agents must be connected',
    when: { pattern: /^(TaskFailedToStart: )?AGENT$/ },
  },
  {
    cause: 'no-capacity',
    fault: 'capacity',
    retry: 'wait',
    sentence: 'The cluster had no room for the container ({reason})',
    remedy: 'Wait for running builds to end, or add capacity to the cluster',
    when: {
      pattern:
        /\bCapacity is unavailable\b|\bInsufficient (capacity|\w+ resources)\b|^(TaskFailedToStart: )?RESOURCE:|provisioning capacity limit|Timeout waiting for capacity|Insufficient\w*Capacity|No Container Instances were found/i,
    },
  },
  {
    cause: 'host-slow',
    fault: 'capacity',
    retry: 'launch-again',
    sentence: 'The machine was too slow to start the container ({reason})',
    remedy: 'Run the build again; if it happens often, look at the load and the disks of the cluster',
    when: { pattern: /\b(Docker|ContainerRuntime)TimeoutError\b.*\btransition (to )?(start|run)/is },
  },
];
