import { isStopCause, type StopCause } from '../../../../shared/model/stop-cause.ts';
import type { CauseRow } from '../cause-row.ts';

export type AgentCauseRow = Omit<CauseRow, 'cause' | 'when'>;

/**
 * The end of a container whose shutdown file was touched by a process in it. The agent touches the file too when the
 * control plane asks it to; a task that has asked knows that (tasks/container/last-words.ts).
 */
export const SHUTDOWN_FILE: AgentCauseRow = {
  fault: 'user',
  retry: 'never',
  sentence: 'A process in the container touched the shutdown file, which ends the container',
  remedy:
    'Find the step of the build that creates that file (/tmp/shutdownContainer unless the image names another), or ask who was logged in',
};

/**
 * Causes by the agent's own cause. The agent's words are better evidence than an exit code. `null`: the agent only
 * saw a SIGTERM, and ECS tells who sent it.
 */
export const AGENT_CAUSES: Readonly<Record<StopCause, AgentCauseRow | null>> = {
  sigterm: null,
  'shutdown-file': SHUTDOWN_FILE,
  'limit-disk': {
    fault: 'user',
    retry: 'never',
    sentence: 'The build used more disk than it may, or than there is',
    remedy: 'Make the build write less, or ask for a higher disk limit; if the disk itself was full, for a larger disk',
  },
  'limit-inodes': {
    fault: 'user',
    retry: 'never',
    sentence: 'The build made more files than it may, or than the disk has room for',
    remedy:
      'Make the build create fewer files, or ask for a higher limit; if the disk had no inodes left, for one with more',
  },
  'limit-time': {
    fault: 'user',
    retry: 'never',
    sentence: 'The build took longer than it may',
    remedy: 'Make the build faster, or ask for a higher time limit',
  },
  'no-progress': {
    fault: 'user',
    retry: 'never',
    sentence: 'The build made no progress for too long',
    remedy: 'Look at its last output for the command that hangs',
  },
  'host-disk-pressure': {
    fault: 'capacity',
    retry: 'launch-again',
    sentence: 'The disk of the machine was nearly full, and not because of this build',
    remedy: 'Clean up or enlarge the disks of the cluster',
  },
  spot: {
    fault: 'spot',
    retry: 'launch-again',
    sentence: 'AWS took back the Spot capacity the container ran on',
    remedy: 'Run the build again, or use on-demand capacity for builds that must not be interrupted',
  },
  'enrolment-void': {
    fault: 'system',
    retry: 'never',
    sentence: 'The container came up for an attempt that had been given up',
    remedy: 'Nothing to do: a newer attempt has the work',
  },
  internal: {
    fault: 'system',
    retry: 'never',
    sentence: 'The agent in the container failed',
    remedy: 'Run the build again and report the agent log',
  },
};

/** The parts of an agent's last signals that tell about its end. */
interface LastWords {
  readonly output: { readonly cause?: StopCause | undefined } | null;
  readonly exit: { readonly cause?: StopCause | undefined } | null;
}

/** Returns whether an agent's last words say more of its end than that it got a SIGTERM. */
export function saysWhy({ output, exit }: LastWords): boolean {
  const cause = output?.cause ?? exit?.cause;
  return !isStopCause(cause) || AGENT_CAUSES[cause] !== null;
}
