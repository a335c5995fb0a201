/** The status of a task in the engine. The numbers are the established ones, and are stored in the database. */
export const TASK_STATUS = {
  NOT_READY: 99,
  NOT_STARTED: 0,
  WAITING: 1,
  PROCESSING: 2,
  COMPLETE: 3,
  RESTARTED: 4,
} as const;
export type TaskStatus = keyof typeof TASK_STATUS;

/** How a task ended; one numbering everywhere. */
export const EXIT_STATUS = {
  NOT_FINISHED: 0,
  WARNING: 1,
  ERROR_SYSTEM: 2,
  TERMINATED: 3,
  COMPLETED: 4,
  ERROR_USER: 5,
} as const;
export type ExitStatus = keyof typeof EXIT_STATUS;

export const PRIORITY = { CRITICAL: 0, HIGH: 1, MEDIUM: 2, LOW: 3 } as const;
export type Priority = keyof typeof PRIORITY;

const TASK_STATUS_NAMES = new Map<number, TaskStatus>(
  Object.entries(TASK_STATUS).map(([name, number]) => [number, name as TaskStatus]),
);
const EXIT_STATUS_NAMES = new Map<number, ExitStatus>(
  Object.entries(EXIT_STATUS).map(([name, number]) => [number, name as ExitStatus]),
);

/** Throws a plain Error for a number that no version of the schema has ever written. */
export function taskStatusOf(number: number): TaskStatus {
  const name = TASK_STATUS_NAMES.get(number);
  if (!name) throw new Error(`no task status has the number ${number}`);
  return name;
}

export function exitStatusOf(number: number): ExitStatus {
  const name = EXIT_STATUS_NAMES.get(number);
  if (!name) throw new Error(`no exit status has the number ${number}`);
  return name;
}

/** Returns whether the task failed. A task that was terminated on request has not failed. */
export function isFailure(status: ExitStatus): boolean {
  return status === 'ERROR_USER' || status === 'ERROR_SYSTEM';
}

/** Returns whether a build with this end succeeded. `wipctl run --watch` and the demo then exit with 0. */
export function isSuccess(status: ExitStatus): boolean {
  return status === 'COMPLETED' || status === 'WARNING';
}
