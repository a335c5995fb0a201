import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../shared/support/clock.ts';

/** A clock whose sleeps are over at once and move its own time on, so that retries of minutes take milliseconds. */
export class HastyClock implements Clock {
  /** How long every sleep was meant to be, in the order of their beginning. */
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
