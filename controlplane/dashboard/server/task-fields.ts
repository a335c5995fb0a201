import type { TaskSummary, TaskView } from '../../api/tasks/task-views.ts';

// Fields that nodes may not answer yet: those of a version before this one, which serves beside it for a while.

export interface TaskSource {
  readonly repository: string | null;
  readonly branch: string | null;
  readonly ref: string | null;
  readonly commit: string | null;
}

export interface RunningStep {
  readonly number: number;
  readonly of: number;
  readonly name: string;
  readonly since: string | null;
}

interface Usual {
  readonly medianSeconds: number;
  readonly p95Seconds: number;
}

export interface UsualTimes {
  readonly samples: number;
  readonly queued: Usual | null;
  readonly starting: Usual | null;
  readonly running: Usual | null;
  readonly ending: Usual | null;
  readonly total: Usual | null;
}

export interface FailureFacts {
  readonly number: number | null;
  readonly of: number | null;
  readonly name: string;
  readonly line: number | null;
  readonly command: string | null;
  readonly exitCode: number | null;
}

export interface AttemptLimits {
  readonly diskBytes: number | null;
  readonly timeSeconds: number | null;
  readonly memoryBytes: number | null;
  readonly processors: number | null;
}

interface MaybeListed {
  readonly source?: TaskSource | null;
  readonly stateSince?: string | null;
  readonly step?: RunningStep | null;
  readonly usualSeconds?: number | null;
}

interface MaybeShown extends MaybeListed {
  readonly failedStep?: FailureFacts | null;
  readonly usual?: UsualTimes | null;
  readonly fault?: string | null;
  readonly remedy?: string | null;
  readonly evidence?: readonly unknown[] | null;
}

export type RowTask = TaskSummary & MaybeListed;
export type ShownTask = TaskView & MaybeShown;
