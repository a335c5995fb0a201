import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../shared/time/clock.ts';

/** A clock whose sleeps end at once and advance its own time, so that retries of minutes take milliseconds. */
export class HastyClock implements Clock {
  /** Requested length of every sleep, in the order in which they began. */
  readonly sleptMs: number[] = [];
  #aheadMs = 0;

  now(): Date {
    return new Date(Date.now() + this.#aheadMs);
  }

  monotonicMs(): number {
    return performance.now() + this.#aheadMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.sleptMs.push(ms);
    await setImmediate();
    if (!signal?.aborted) this.#aheadMs += ms;
  }
}
