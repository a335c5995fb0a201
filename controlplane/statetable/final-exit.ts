import type { ExitStatus } from '../../shared/model/status.ts';
import type { Exit } from './position.ts';

export interface TaskExit {
  readonly status: ExitStatus;
  readonly message: string;
}

/** How a task ends, from what its methods have set and what the state table says at the end or on the way into a state. */
export function withExit(set: TaskExit, exit: Exit | null): TaskExit {
  if (!exit) return set;
  // An error that nothing took care of hides what went before; a request to terminate only fills what is unset.
  if (exit.status === 'ERROR_SYSTEM') return exit;
  return { status: 'TERMINATED', message: set.message === '' ? exit.message : set.message };
}

/** The exit of a complete task: a table that reached `finish` without a word has completed. */
export function finalExit(set: TaskExit, exit: Exit | null): TaskExit {
  const ended = withExit(set, exit);
  return ended.status === 'NOT_FINISHED' ? { ...ended, status: 'COMPLETED' } : ended;
}
