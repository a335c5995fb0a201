import type { Clock } from './clock.ts';

// One reason for all aborts: without a reason, every abort creates an error with a stack trace, which is expensive.
const WOKEN = 'woken';

/**
 * A sleep that others can end early. Each wake since the last `reset` counts, even one before the sleep. So a loop can reset,
 * check for work, and sleep if there is none: a wake during the check ends the sleep at once.
 */
export class WakeableTimer {
  readonly #clock: Clock;
  #woken = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Forgets the wakes so far. */
  reset(): void {
    this.#woken = new AbortController();
  }

  /** Resolves after `ms`, when woken, or when `stop` aborts. */
  async sleep(ms: number, stop?: AbortSignal): Promise<void> {
    if (stop?.aborted) return;
    // A listener, not AbortSignal.any: a node sleeps thousands of times a second under one stop.
    stop?.addEventListener('abort', this.wake);
    await this.#clock.sleep(ms, this.#woken.signal);
    stop?.removeEventListener('abort', this.wake);
  }

  readonly wake = (): void => this.#woken.abort(WOKEN);
}
