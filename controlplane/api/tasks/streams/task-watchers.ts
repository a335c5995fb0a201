import type { Clock } from '../../../../shared/time/clock.ts';
import { WakeableTimer } from '../../../../shared/time/wakeable-timer.ts';

/** What may have changed of a task: its output and nothing else, or anything. */
export type WatchedChange = 'output' | 'any';

/** The readers on this node that follow a task. */
export interface TaskWatchers {
  /** Wakes the readers of the task. */
  notify(taskId: number, change: WatchedChange): void;
  isWatched(taskId: number): boolean;
  /** The task counts as watched from this call until `abort` aborts. */
  watch(taskId: number, abort: AbortSignal): TaskWatch;
}

interface TaskWatch {
  /**
   * Resolves soon after something of the task may have changed since the last call, and to `any` at least once a second;
   * to `over` when the watch has been aborted. A change is only a hint.
   */
  next(): Promise<WatchedChange | 'over'>;
  /** Returns, without waiting, whether anything may have changed since the last call of this or of `next` that reported a change. */
  takeAny(): boolean;
}

// Writes of other nodes wake no watcher on this one, so readers read everything once a second anyway.
const POLL_INTERVAL_MS = 1_000;

export function createTaskWatchers(clock: Clock): TaskWatchers {
  const tasks = new Map<number, WatchedTask>();
  return {
    notify: (taskId, change) => tasks.get(taskId)?.wake(change),
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
  readonly #clock: Clock;
  readonly #timer: WakeableTimer;
  readonly #readers = new Set<Reader>();
  readonly #over = new AbortController();
  #isAny = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#timer = new WakeableTimer(clock);
    void this.#wakeReaders();
  }

  wake(change: WatchedChange): void {
    this.#isAny ||= change === 'any';
    this.#timer.wake();
  }

  add(abort: AbortSignal, onLastLeft: () => void): TaskWatch {
    const reader = new Reader(abort);
    this.#readers.add(reader);
    const leave = (): void => {
      reader.wake('any');
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
    let lastAnyMs = this.#clock.monotonicMs();
    while (!this.#over.signal.aborted) {
      await this.#timer.sleep(POLL_INTERVAL_MS, this.#over.signal);
      this.#timer.reset();
      const nowMs = this.#clock.monotonicMs();
      const isAny = this.#isAny || nowMs - lastAnyMs >= POLL_INTERVAL_MS;
      this.#isAny = false;
      if (isAny) lastAnyMs = nowMs;
      for (const reader of this.#readers) reader.wake(isAny ? 'any' : 'output');
    }
  }
}

/** A wake that comes while its reader is busy counts for the next call. */
class Reader implements TaskWatch {
  readonly #abort: AbortSignal;
  #woken = Promise.withResolvers<void>();
  #isAny = false;

  constructor(abort: AbortSignal) {
    this.#abort = abort;
  }

  wake(change: WatchedChange): void {
    this.#isAny ||= change === 'any';
    this.#woken.resolve();
  }

  async next(): Promise<WatchedChange | 'over'> {
    await this.#woken.promise;
    this.#woken = Promise.withResolvers();
    const change = this.takeAny() ? 'any' : 'output';
    return this.#abort.aborted ? 'over' : change;
  }

  takeAny(): boolean {
    const isAny = this.#isAny;
    this.#isAny = false;
    return isAny;
  }
}
