import type { Clock } from '../../../shared/support/clock.ts';
import { WakeableTimer } from '../../../shared/support/wakeable-timer.ts';

/** The readers on this node that follow a task. */
export interface TaskWatchers {
  /** Wakes the readers of the task: something of it may have changed. */
  tell(taskId: number): void;
  isWatched(taskId: number): boolean;
  /** The task counts as watched from this call until `abort` aborts. */
  watch(taskId: number, abort: AbortSignal): TaskWatch;
}

interface TaskWatch {
  /**
   * Resolves to `change` soon after anything of the task may have changed (state, log, output) since the last call, and
   * at least once a second; to `over` when the watch has been aborted. A `change` is only a hint.
   */
  next(): Promise<'change' | 'over'>;
}

// Output and states that another node writes wake no watcher here, so readers query once a second anyway.
const POLL_INTERVAL_MS = 1_000;

export function createTaskWatchers(clock: Clock): TaskWatchers {
  const tasks = new Map<number, WatchedTask>();
  return {
    tell: (taskId) => tasks.get(taskId)?.wake(),
    isWatched: (taskId) => tasks.has(taskId),
    watch(taskId, abort) {
      const task = tasks.get(taskId) ?? new WatchedTask(clock);
      tasks.set(taskId, task);
      return task.add(abort, () => tasks.delete(taskId));
    },
  };
}

/** One timer for all readers of a task: they are woken together, so that what they read can be read once for all. */
class WatchedTask {
  readonly #timer: WakeableTimer;
  readonly #readers = new Set<Reader>();
  readonly #over = new AbortController();

  constructor(clock: Clock) {
    this.#timer = new WakeableTimer(clock);
    void this.#wakeReaders();
  }

  readonly wake = (): void => this.#timer.wake();

  add(abort: AbortSignal, onLastLeft: () => void): TaskWatch {
    const reader = new Reader(abort);
    this.#readers.add(reader);
    const leave = (): void => {
      reader.wake();
      this.#readers.delete(reader);
      if (this.#readers.size > 0 || this.#over.signal.aborted) return;
      this.#over.abort();
      onLastLeft();
    };
    if (abort.aborted) leave();
    else abort.addEventListener('abort', leave, { once: true });
    return reader;
  }

  async #wakeReaders(): Promise<void> {
    while (!this.#over.signal.aborted) {
      await this.#timer.sleep(POLL_INTERVAL_MS, this.#over.signal);
      this.#timer.reset();
      for (const reader of this.#readers) reader.wake();
    }
  }
}

/** A wake that comes while its reader is busy counts for the next call. */
class Reader implements TaskWatch {
  readonly #abort: AbortSignal;
  #woken = Promise.withResolvers<void>();

  constructor(abort: AbortSignal) {
    this.#abort = abort;
  }

  wake(): void {
    this.#woken.resolve();
  }

  async next(): Promise<'change' | 'over'> {
    await this.#woken.promise;
    this.#woken = Promise.withResolvers();
    return this.#abort.aborted ? 'over' : 'change';
  }
}
