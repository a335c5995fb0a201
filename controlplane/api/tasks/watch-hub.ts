import type { Clock } from '../../../shared/support/clock.ts';

/** Who follows which task on this node, and the way to tell them that something of it may have changed. */
export interface WatchHub {
  tell(taskId: number): void;
  isWatched(taskId: number): boolean;
  changes(taskId: number, signal: AbortSignal): AsyncIterable<unknown>;
}

// Output and states that came through another node are told by nobody here: a look a second shows them (interface.md).
const LOOK_ANYWAY_MS = 1_000;

export function createWatchHub(clock: Clock): WatchHub {
  const watchers = new Map<number, Set<() => void>>();

  async function* changes(taskId: number, signal: AbortSignal): AsyncGenerator<void> {
    let nap = new AbortController();
    const wake = (): void => nap.abort();
    const set = watchers.get(taskId) ?? new Set();
    watchers.set(taskId, set.add(wake));
    try {
      while (!signal.aborted) {
        await clock.sleep(LOOK_ANYWAY_MS, AbortSignal.any([nap.signal, signal]));
        nap = new AbortController();
        yield;
      }
    } finally {
      set.delete(wake);
      if (set.size === 0) watchers.delete(taskId);
    }
  }

  return {
    tell: (taskId) => watchers.get(taskId)?.forEach((wake) => wake()),
    isWatched: (taskId) => watchers.has(taskId),
    changes,
  };
}
