import type { TaskId } from '../../../shared/model/ids.ts';

/** `finished` only where a finished task makes a difference; terminating one is simply done. */
export interface TaskControlWorld {
  readonly terminateTask: (id: TaskId, by: string) => Promise<void>;
  readonly pauseTask: (id: TaskId, by: string) => Promise<'paused' | 'finished'>;
  readonly resumeTask: (id: TaskId, by: string) => Promise<void>;
  readonly restartTask: (id: TaskId, by: string) => Promise<'restarted' | 'not-finished'>;
}
