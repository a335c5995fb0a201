import type { TaskId } from '../../../shared/model/ids.ts';
import type { TaskStatus } from '../../../shared/model/status.ts';
import type { TaskFacts, TaskSummaryFacts } from '../views.ts';

export interface TaskFilter {
  readonly statuses?: readonly TaskStatus[];
  readonly group?: string;
  /** Set for principals who see only their own tasks. */
  readonly createdBy?: string;
  /** Only tasks with a smaller id: pages go from the newest to the oldest. */
  readonly beforeId?: TaskId;
  readonly limit: number;
}

export interface TaskReadWorld {
  /** Newest first. */
  readonly listTasks: (filter: TaskFilter) => Promise<readonly TaskSummaryFacts[]>;
  readonly findTask: (id: TaskId) => Promise<TaskFacts | null>;
}
