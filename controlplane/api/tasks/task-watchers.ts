import type { Clock } from '../../../shared/support/clock.ts';
import { WakeableTimer } from '../../../shared/support/wakeable-timer.ts';

/** The readers on this node that follow a task. */
export interface TaskWatchers {
  /** Wakes the readers of the task: something of it may have changed. */
  tell(taskId: number): void;
  isWatched(taskId: number): boolean;
  /**
   * Yields at least once soon after anything of the task may have changed (state, log, output) and ends when `abort`
   * aborts. Only a hint: yielding too often costs a query, and yielding every second is enough. While somebody
   * iterates, the task counts as watched.
   */
  changes(taskId: number, abort: AbortSignal): AsyncIterable<unknown>;
}

// Output and states that another node writes wake no watcher here, so readers query once a second anyway.
const POLL_INTERVAL_MS = 1_000;

export function createTaskWatchers(clock: Clock): TaskWatchers {
  const watchers = new Map<number, Set<() => void>>();

  async function* changes(taskId: number, abort: AbortSignal): AsyncGenerator<void> {
    const timer = new WakeableTimer(clock);
    const set = watchers.get(taskId) ?? new Set();
    watchers.set(taskId, set.add(timer.wake));
    try {
      while (!abort.aborted) {
        await timer.sleep(POLL_INTERVAL_MS, abort);
        timer.reset();
        yield;
      }
    } finally {
      set.delete(timer.wake);
      if (set.size === 0) watchers.delete(taskId);
    }
  }

  return {
    tell: (taskId) => watchers.get(taskId)?.forEach((wake) => wake()),
    isWatched: (taskId) => watchers.has(taskId),
    changes,
  };
}
