import type { TaskSummary } from '../api/tasks/task-views.ts';

/** Shape and colour of a status; the word stands beside it, so neither is needed to tell it. */
export type StatusShape = 'run' | 'start' | 'queue' | 'pause' | 'ok' | 'warn' | 'bad' | 'sys' | 'term';

/** The shapes of statuses, and a ring with a cross: a gate that is closed, which is no failure. */
export type IconShape = StatusShape | 'shut';

export interface Status {
  readonly word: string;
  readonly shape: StatusShape;
}

type Task = Pick<TaskSummary, 'status' | 'exitStatus' | 'phase' | 'isPaused' | 'isTerminating'>;

export function isInQueue({ status }: Pick<TaskSummary, 'status'>): boolean {
  return status === 'NOT_STARTED' || status === 'RESTARTED' || status === 'NOT_READY';
}

export function isEnded({ status }: Pick<TaskSummary, 'status'>): boolean {
  return status === 'COMPLETE';
}

export function hasFailed(task: Pick<TaskSummary, 'status' | 'exitStatus'>): boolean {
  return isEnded(task) && (task.exitStatus === 'ERROR_USER' || task.exitStatus === 'ERROR_SYSTEM');
}

export function statusWordOf(task: Task): Status {
  if (isEnded(task)) return endOf(task.exitStatus);
  if (task.isPaused) return { word: 'Paused', shape: 'pause' };
  if (task.status === 'NOT_READY') return { word: 'Not released', shape: 'queue' };
  if (isInQueue(task)) return { word: 'Queued', shape: 'queue' };
  if (task.isTerminating) return { word: 'Stopping', shape: 'run' };
  if (task.phase === 'starting') return { word: 'Starting', shape: 'start' };
  return { word: 'Running', shape: 'run' };
}

function endOf(exit: TaskSummary['exitStatus']): Status {
  switch (exit) {
    case 'COMPLETED':
      return { word: 'Succeeded', shape: 'ok' };
    case 'WARNING':
      return { word: 'Warning', shape: 'warn' };
    case 'ERROR_USER':
      return { word: 'Failed', shape: 'bad' };
    case 'TERMINATED':
      return { word: 'Terminated', shape: 'term' };
    case 'ERROR_SYSTEM':
    case 'NOT_FINISHED':
      return { word: 'System error', shape: 'sys' };
  }
}

/** Class of a sentence about the task: red for a failure, amber for a warning. */
export function toneOf(task: Task): 'bad' | 'warn' | '' {
  const { shape } = statusWordOf(task);
  if (shape === 'bad' || shape === 'sys') return 'bad';
  return shape === 'warn' ? 'warn' : '';
}
