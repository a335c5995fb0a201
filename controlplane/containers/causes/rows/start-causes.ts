import type { CauseRow } from '../cause-row.ts';

/** Ends of containers that could not be created or started. */
export const START_CAUSES: readonly CauseRow[] = [
  {
    cause: 'entrypoint-missing',
    fault: 'configuration',
    retry: 'never',
    sentence: 'The image has no such entrypoint ({reason})',
    remedy: 'Put the agent into the image, or correct entryPoint and command in config.ecs.yml',
    when: {
      pattern:
        /\b((CannotStart|CannotCreate)\w*|DockerState)Error\b.*\b(no such file or directory|executable file not found|permission denied|no command specified)\b/is,
    },
  },
  {
    cause: 'placement-impossible',
    fault: 'configuration',
    retry: 'never',
    sentence: 'No machine of the cluster fits the task definition ({reason})',
    remedy: 'Compare the attributes and constraints of the task definition with the machines of the cluster',
    when: {
      pattern:
        /\bplacement constraint unsatisfied\b|^(TaskFailedToStart: )?(ATTRIBUTE|LOCATION|PLATFORM)\b|\bnot compatible with the selected compute strategy\b/i,
    },
  },
  {
    cause: 'definition-missing',
    fault: 'configuration',
    retry: 'launch-again',
    sentence: 'ECS does not know the revision of the task definition any more',
    remedy: 'Nothing to do: the next attempt registers it again',
    when: { pattern: /\bTask ?Definition (is|was)( now)? inactive\b/i },
  },
  {
    cause: 'runtime-failed',
    fault: 'system',
    retry: 'launch-again',
    sentence: 'The container runtime of the machine failed ({reason})',
    remedy: 'Run the build again; if it happens often, look at Docker or containerd on the machines of the cluster',
    when: {
      pattern:
        /\b(DockerTimeout|ContainerRuntimeTimeout|ContainerRuntime|DockerState|CannotInspectContainer|CannotDescribeContainer|CannotStopContainer|CannotRemoveContainer|CannotListContainers|CannotGetDocker\w*|ContainerVanished|NoSuchContainer|ImpossibleStateTransition)Error\b/i,
    },
  },
  {
    cause: 'ecs-internal-error',
    fault: 'system',
    retry: 'launch-again',
    sentence: 'ECS itself failed to run the container ({reason})',
    remedy: 'Run the build again; if it happens again, look at the AWS health pages',
    when: { pattern: /(?<![\w.])(InternalError|AgentError|InternalServerError|ServerException)\b/ },
  },
  {
    cause: 'start-failed',
    fault: 'configuration',
    retry: 'never',
    sentence: 'The container could not be started ({reason})',
    remedy: 'Correct the task definition in config.ecs.yml as the message says',
    when: { pattern: /\b(CannotStartContainerError|CannotCreateContainerError|CannotStartExecutionEnvironment)/ },
  },
  {
    cause: 'start-failed',
    fault: 'system',
    retry: 'launch-again',
    sentence: 'The container was stopped before it had started, and ECS does not say why',
    remedy: 'Run the build again; if it happens again, look at the events of the cluster',
    when: { stopCode: 'TaskFailedToStart', stoppedReason: /^(Task failed to start\.?)?$/i },
  },
];
