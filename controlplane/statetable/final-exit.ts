import type { ExitStatus } from '../../shared/model/status.ts';
import type { Exit } from './position.ts';

export interface TaskExit {
  readonly status: ExitStatus;
  readonly message: string;
}

/**
 * Combines the exit that methods have set with the exit that the state table gives at the end or on entering a state.
 */
export function withExit(set: TaskExit, exit: Exit | null): TaskExit {
  if (!exit) return set;
  // An unhandled error replaces an earlier exit. A request to terminate only fills in a missing one.
  if (exit.status === 'ERROR_SYSTEM') return exit;
  return { status: 'TERMINATED', message: set.message === '' ? exit.message : set.message };
}

/** Returns the exit of a complete task. A table that reached `finish` with no exit set has COMPLETED. */
export function finalExit(set: TaskExit, exit: Exit | null): TaskExit {
  const ended = withExit(set, exit);
  return ended.status === 'NOT_FINISHED' ? { ...ended, status: 'COMPLETED' } : ended;
}
