import type { Clock } from './clock.ts';

// One reason for all: without one, every abort makes an error, and an error has a stack.
const WOKEN = 'woken';

/**
 * A sleep that others cut short. Each wake since the last `reset` counts, also one before the sleep: a loop resets, checks
 * whether there is something to do, and sleeps when not; what comes during the check then ends the sleep at once.
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
