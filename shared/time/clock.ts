/** Time, handed in wherever it is needed, so that tests can hold it still. */
export interface Clock {
  now(): Date;
  /** Milliseconds that only grow, for durations. They have no relation to `now`. */
  monotonicMs(): number;
  /** Returns early, without an error, when the signal aborts: a shutdown is not an error anywhere. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  // Counts from the start of the process. The global `performance` would load nine modules of Node when an agent starts.
  monotonicMs: () => process.uptime() * 1_000,
  // Not timers/promises: a node sleeps and is woken thousands of times a second, and an AbortError has a stack.
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal?.addEventListener('abort', end);
    }),
};
