import type { TaskId } from '../../../shared/model/ids.ts';

export interface TaskStreamWorld {
  /**
   * Yields at least once soon after anything of the task may have changed (state, log, output) and ends when
   * `signal` aborts. Only a hint: yielding too often costs a look, and yielding every second is enough. While
   * somebody iterates, the task counts as watched.
   */
  readonly changes: (id: TaskId, signal: AbortSignal) => AsyncIterable<unknown>;
}
