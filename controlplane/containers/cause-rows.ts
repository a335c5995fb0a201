/** The party responsible for an end. `spot`: AWS took its machine back. */
export type Fault = 'user' | 'system' | 'capacity' | 'configuration' | 'spot';
/** Whether another launch can help: at once as a new attempt, after waiting, or not at all. */
export type Retry = 'launch-again' | 'wait' | 'never';

/** One known way in which a container ends or a launch fails. The first row that matches is the answer. */
export interface CauseRow {
  readonly cause: string;
  readonly fault: Fault;
  readonly retry: Retry;
  /** The sentence for people; `{exitCode}` and `{reason}` are filled in. */
  readonly sentence: string;
  readonly remedy: string;
  readonly when: {
    readonly stopCode?: string;
    /** Matched against the task's stop reason and the container's reason. */
    readonly pattern?: RegExp;
    readonly exitCode?: number | null;
  };
}

// The messages are from "Amazon ECS stopped tasks error messages" and "Stopped task error codes" (developer guide), and
// from public reports of the Docker and containerd texts that ECS passes on. Specific rows come before general ones.

const MEMORY: readonly CauseRow[] = [
  {
    cause: 'out-of-memory',
    fault: 'user',
    retry: 'never',
    sentence: 'The container needed more memory than its limit and was killed',
    remedy: 'Make the build use less memory, or raise the memory limit of the task definition',
    when: { pattern: /OutOfMemory|OOM ?Killed|killed due to memory usage/i },
  },
];

const HOST: readonly CauseRow[] = [
  {
    cause: 'spot-interruption',
    fault: 'spot',
    retry: 'launch-again',
    sentence: 'AWS took back the Spot capacity the container ran on',
    remedy: 'Run the build again, or use on-demand capacity for builds that must not be interrupted',
    when: { stopCode: 'SpotInterruption' },
  },
  {
    cause: 'spot-interruption',
    fault: 'spot',
    retry: 'launch-again',
    sentence: 'AWS took back the Spot capacity the container ran on',
    remedy: 'Run the build again, or use on-demand capacity for builds that must not be interrupted',
    when: { pattern: /Spot (Task was )?interrupt/i },
  },
  {
    cause: 'host-lost',
    fault: 'system',
    retry: 'launch-again',
    sentence: 'The machine the container ran on went away ({reason})',
    remedy: 'Run the build again; if it happens often, look at the scaling of the cluster',
    when: { stopCode: 'TerminationNotice' },
  },
  {
    cause: 'host-lost',
    fault: 'system',
    retry: 'launch-again',
    sentence: 'The machine the container ran on went away ({reason})',
    remedy: 'Run the build again; if it happens often, look at the scaling of the cluster',
    when: { pattern: /^Host EC2 .*(terminated|stopped)|instance was (terminated|stopped|deregistered)/i },
  },
  {
    cause: 'infrastructure-unhealthy',
    fault: 'system',
    retry: 'launch-again',
    sentence: 'AWS stopped the container because its machine was unhealthy',
    remedy: 'Run the build again; if it happens often, look at the health of the cluster',
    when: { stopCode: 'InfrastructureHealth' },
  },
];

const CAPACITY: readonly CauseRow[] = [
  {
    cause: 'host-disk-full',
    fault: 'capacity',
    retry: 'launch-again',
    sentence: 'The disk of the machine that should run the container is full',
    remedy: 'Clean up or enlarge the disks of the cluster: old images are the usual reason',
    when: { pattern: /no space left on device|Thin Pool has \d+ free data blocks/i },
  },
  {
    cause: 'no-capacity',
    fault: 'capacity',
    retry: 'wait',
    sentence: 'The cluster had no room for the container ({reason})',
    remedy: 'Wait for running builds to end, or add capacity to the cluster',
    when: {
      pattern: /Capacity is unavailable|Insufficient (capacity|\w+ resources)|^RESOURCE:|provisioning capacity limit/i,
    },
  },
  {
    cause: 'port-conflict',
    fault: 'capacity',
    retry: 'launch-again',
    sentence: 'A port that the container needs was taken on its machine',
    remedy: 'Publish container ports with host port 0, so that each container gets its own',
    when: { pattern: /port is already allocated|address already in use/i },
  },
  {
    cause: 'network-provisioning',
    fault: 'capacity',
    retry: 'launch-again',
    sentence: 'The network interface of the container was not ready in time',
    remedy: 'Run the build again; if it happens often, look at free addresses in the subnets and at the ENI limits',
    when: { pattern: /network interface provisioning|error while attempting to .*network interface/i },
  },
  {
    cause: 'host-slow',
    fault: 'capacity',
    retry: 'launch-again',
    sentence: 'The machine was too slow to start the container ({reason})',
    remedy: 'Run the build again; if it happens often, look at the load and the disks of the cluster',
    when: { pattern: /DockerTimeoutError|ContainerRuntimeTimeoutError|CannotInspectContainerError/ },
  },
];

const IMAGE: readonly CauseRow[] = [
  {
    cause: 'image-rate-limited',
    fault: 'capacity',
    retry: 'launch-again',
    sentence: 'The image registry refused the image because of too many pulls',
    remedy: 'Log in to the registry, or copy the image to a registry of your own',
    when: { pattern: /toomanyrequests|pull rate limit/i },
  },
  {
    cause: 'image-wrong-platform',
    fault: 'configuration',
    retry: 'never',
    sentence: 'The image is not built for the processor of the cluster',
    remedy: 'Build the image for the platform of the cluster, or set runtimePlatform in the task definition',
    when: { pattern: /no matching manifest|exec format error|does not contain descriptor matching platform/i },
  },
  {
    cause: 'image-access-denied',
    fault: 'configuration',
    retry: 'never',
    sentence: 'The cluster may not read the image',
    remedy: 'Give the execution role of the task (or the machine) access to the image registry',
    when: {
      pattern:
        /CannotPull.*(access denied|no basic auth|authorization failed|unauthorized|403 Forbidden|not authorized)/is,
    },
  },
  {
    cause: 'image-not-found',
    fault: 'configuration',
    retry: 'never',
    sentence: 'The image does not exist in its registry',
    remedy: 'Correct the image in config.ecs.yml, or push it',
    when: { pattern: /CannotPull.*(manifest unknown|not found|does not exist|invalid reference)/is },
  },
  {
    cause: 'image-registry-unreachable',
    fault: 'system',
    retry: 'launch-again',
    sentence: 'The image registry could not be reached',
    remedy: 'Run the build again; if it happens often, look at the network between the cluster and the registry',
    when: {
      pattern:
        /CannotPull.*(net\/http|timeout|connection (refused|reset)|no such host|dial tcp|EOF|request canceled)/is,
    },
  },
  {
    cause: 'image-pull-failed',
    fault: 'system',
    retry: 'launch-again',
    sentence: 'The image could not be fetched ({reason})',
    remedy: 'Run the build again; if it happens again, pull the image by hand on the cluster',
    when: { pattern: /CannotPull/ },
  },
];

const START: readonly CauseRow[] = [
  {
    cause: 'entrypoint-missing',
    fault: 'configuration',
    retry: 'never',
    sentence: 'The image has no such entrypoint ({reason})',
    remedy: 'Put the agent into the image, or correct entryPoint and command in config.ecs.yml',
    when: {
      pattern: /(CannotStart|CannotCreate).*(no such file or directory|executable file not found|permission denied)/is,
    },
  },
  {
    cause: 'volume-failed',
    fault: 'configuration',
    retry: 'never',
    sentence: 'A volume of the container could not be made ({reason})',
    remedy: 'Look at the volumes in config.ecs.yml and at the paths on the machines of the cluster',
    when: { pattern: /CannotCreateVolumeError|invalid mount|error while creating mount source/i },
  },
  {
    cause: 'resource-initialization',
    fault: 'configuration',
    retry: 'launch-again',
    sentence: 'Something the container needs before its start could not be had ({reason})',
    remedy: 'Look at the route from the subnets to the AWS services and at the rights of the execution role',
    when: { pattern: /ResourceInitializationError/ },
  },
  {
    cause: 'start-failed',
    fault: 'configuration',
    retry: 'never',
    sentence: 'The container could not be started ({reason})',
    remedy: 'Correct the task definition in config.ecs.yml as the message says',
    when: { pattern: /CannotStartContainerError|CannotCreateContainerError|CannotStartExecutionEnvironment/ },
  },
  {
    cause: 'start-failed',
    fault: 'system',
    retry: 'launch-again',
    sentence: 'The container was stopped before it had started ({reason})',
    remedy: 'Run the build again; if it happens again, look at the events of the cluster',
    when: { stopCode: 'TaskFailedToStart' },
  },
];

const STOPPED_BY_SOMEBODY: readonly CauseRow[] = [
  {
    cause: 'stopped-by-wip',
    fault: 'system',
    retry: 'never',
    sentence: 'The control plane stopped the container ({reason})',
    remedy: 'Nothing to do: the reason stands in the task log',
    when: { stopCode: 'UserInitiated', pattern: /^wip: / },
  },
  {
    cause: 'stopped-by-operator',
    fault: 'system',
    retry: 'never',
    sentence: 'Somebody stopped the container in ECS ({reason})',
    remedy: 'Ask the people who may stop tasks in this cluster, then run the build again',
    when: { stopCode: 'UserInitiated' },
  },
  {
    cause: 'stopped-by-scheduler',
    fault: 'system',
    retry: 'launch-again',
    sentence: 'An ECS service scheduler stopped the container ({reason})',
    remedy: 'Do not run build containers under an ECS service; run the build again',
    when: { stopCode: 'ServiceSchedulerInitiated' },
  },
];

const EXITED: readonly CauseRow[] = [
  {
    cause: 'exit-code-unknown',
    fault: 'system',
    retry: 'never',
    sentence: 'The container ended and ECS does not know its exit code',
    remedy: 'Run the build again; the log of the machine it ran on may say more',
    when: { exitCode: null },
  },
  {
    cause: 'agent-configuration',
    fault: 'configuration',
    retry: 'never',
    // 78 is EX_CONFIG of sysexits.h; the agent exits with it when it cannot use its config.ini.
    sentence: 'The agent could not use its configuration and ended with exit code 78',
    remedy: 'Run `wip-agent check-config` in the image and correct /etc/buildcontainer/config.ini',
    when: { exitCode: 78 },
  },
  {
    cause: 'killed',
    fault: 'system',
    retry: 'never',
    sentence: 'The container was killed (exit code 137) and nothing says that memory was the reason',
    remedy: 'Run the build again; if it happens again, look at the memory of the build and at the log of the machine',
    when: { exitCode: 137 },
  },
  {
    cause: 'stopped',
    fault: 'system',
    retry: 'never',
    sentence: 'The container was told to stop (exit code 143)',
    remedy: 'Run the build again if nobody meant to stop it',
    when: { exitCode: 143 },
  },
  {
    cause: 'container-exited',
    fault: 'system',
    retry: 'never',
    sentence: 'The container ended by itself with exit code {exitCode}',
    remedy: 'Look at the last output of the build; the agent should not end before its work is done',
    when: {},
  },
];

/**
 * The rows in the order of matching. Memory comes first, because an exit code 0 beside an out-of-memory kill is no
 * success. Capacity comes before image texts, because those quote it.
 */
export const STOP_CAUSES: readonly CauseRow[] = [
  ...MEMORY,
  ...HOST,
  ...CAPACITY,
  ...IMAGE,
  ...START,
  ...STOPPED_BY_SOMEBODY,
  ...EXITED,
];
