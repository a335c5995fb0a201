import type { Clock } from '../../../shared/support/clock.ts';
import { WakeableTimer } from '../../../shared/support/wakeable-timer.ts';

/** What may be new of a task: `output` and nothing else, or `change`, which is anything of it. */
export type TaskNews = 'output' | 'change';

/** The readers on this node that follow a task. */
export interface TaskWatchers {
  /** Wakes the readers of the task. */
  tell(taskId: number, news: TaskNews): void;
  isWatched(taskId: number): boolean;
  /** The task counts as watched from this call until `abort` aborts. */
  watch(taskId: number, abort: AbortSignal): TaskWatch;
}

interface TaskWatch {
  /**
   * Resolves soon after something of the task may be new since the last call, and to `change` at least once a second; to
   * `over` when the watch has been aborted. News are only a hint.
   */
  next(): Promise<TaskNews | 'over'>;
}

// Output and states that another node writes wake no watcher here, so readers look at everything once a second anyway.
const POLL_INTERVAL_MS = 1_000;

export function createTaskWatchers(clock: Clock): TaskWatchers {
  const tasks = new Map<number, WatchedTask>();
  return {
    tell: (taskId, news) => tasks.get(taskId)?.wake(news),
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
  #hasChanged = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#timer = new WakeableTimer(clock);
    void this.#wakeReaders();
  }

  wake(news: TaskNews): void {
    this.#hasChanged ||= news === 'change';
    this.#timer.wake();
  }

  add(abort: AbortSignal, onLastLeft: () => void): TaskWatch {
    const reader = new Reader(abort);
    this.#readers.add(reader);
    const leave = (): void => {
      reader.wake('change');
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
    let changedMs = this.#clock.monotonicMs();
    while (!this.#over.signal.aborted) {
      await this.#timer.sleep(POLL_INTERVAL_MS, this.#over.signal);
      this.#timer.reset();
      const nowMs = this.#clock.monotonicMs();
      const hasChanged = this.#hasChanged || nowMs - changedMs >= POLL_INTERVAL_MS;
      this.#hasChanged = false;
      if (hasChanged) changedMs = nowMs;
      for (const reader of this.#readers) reader.wake(hasChanged ? 'change' : 'output');
    }
  }
}

/** A wake that comes while its reader is busy counts for the next call. */
class Reader implements TaskWatch {
  readonly #abort: AbortSignal;
  #woken = Promise.withResolvers<void>();
  #hasChanged = false;

  constructor(abort: AbortSignal) {
    this.#abort = abort;
  }

  wake(news: TaskNews): void {
    this.#hasChanged ||= news === 'change';
    this.#woken.resolve();
  }

  async next(): Promise<TaskNews | 'over'> {
    await this.#woken.promise;
    this.#woken = Promise.withResolvers();
    const news = this.#hasChanged ? 'change' : 'output';
    this.#hasChanged = false;
    return this.#abort.aborted ? 'over' : news;
  }
}
