import { setTimeout as delay } from 'node:timers/promises';

/** Time as it is handed to everything that needs it, so that tests can hold it still. */
export interface Clock {
  now(): Date;
  /** Milliseconds that only ever grow, for durations; unrelated to `now`. */
  monotonicMs(): number;
  /** Returns early, without an error, when the signal aborts: a shutdown is not an error anywhere. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, signal ? { signal } : undefined);
    } catch (error) {
      // The only rejection of a timer is its own abort, and the callers look at the signal themselves.
      if (!signal?.aborted) throw error;
    }
  },
};
