import { assertNever } from '../../../shared/model/assert-never.ts';
import type { ContainerEndCause } from '../script.ts';

/** How ECS describes the end of a task. */
export interface EcsEnd {
  readonly stopCode: string | null;
  readonly stoppedReason: string | null;
  readonly containerReason: string | null;
  readonly exitCode: number | null;
}

const EXITED = { stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited' };

/** Returns the words of ECS for an end ("Amazon ECS stopped tasks error messages", developer guide). */
export function endOfEcsTask(cause: ContainerEndCause): EcsEnd {
  switch (cause) {
    case 'crash':
      return { ...EXITED, containerReason: null, exitCode: 1 };
    case 'out-of-memory':
      return {
        ...EXITED,
        containerReason: 'OutOfMemoryError: Container killed due to memory usage',
        exitCode: 137,
      };
    case 'host-lost':
      return {
        stopCode: 'TerminationNotice',
        stoppedReason: 'Host EC2 (instance i-simulated) terminated.',
        containerReason: null,
        exitCode: null,
      };
    case 'operator':
      return {
        stopCode: 'UserInitiated',
        stoppedReason: 'Task stopped by user',
        containerReason: null,
        exitCode: 143,
      };
    case 'spot':
      return {
        stopCode: 'SpotInterruption',
        stoppedReason: 'Your Spot Task was interrupted.',
        containerReason: null,
        exitCode: 143,
      };
    case 'shutdown-file':
    case 'limit-disk':
    case 'limit-inodes':
    case 'limit-time':
    case 'host-disk-pressure':
    case 'no-progress':
    case 'sigterm':
    case 'enrolment-void':
    case 'internal':
      return { ...EXITED, containerReason: null, exitCode: cause === 'shutdown-file' ? 0 : 1 };
    default:
      return assertNever(cause);
  }
}
