import type { TaskId } from '../../../shared/model/ids.ts';
import type { Priority } from '../../../shared/model/status.ts';

export interface SubmittedTask {
  readonly kind: string;
  /** Not yet checked: only the task's class knows its options. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly title?: string;
  readonly group?: string;
  readonly priority?: Priority;
  /** Same id from the same submitter: the same task, nothing is added. */
  readonly clientJobId?: string;
  readonly createdBy: string;
}

export interface TaskSubmitWorld {
  /** Throws TASK_KIND_UNKNOWN or OPTIONS_INVALID. */
  readonly addTask: (task: SubmittedTask) => Promise<{ readonly id: TaskId; readonly created: boolean }>;
}
