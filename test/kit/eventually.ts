import { setTimeout as delay } from 'node:timers/promises';

// Long enough for two busy cores of a slow machine. A test that needs this long has failed anyway.
const BOUND_MS = 60_000;
const POLL_MS = 10;

/**
 * Repeats the condition until it returns a truthy value, and returns that. The error names the awaited condition. One that
 * takes a server some work is asked for less often.
 */
export async function eventually<T>(
  what: string,
  read: () => T | Promise<T>,
  boundMs = BOUND_MS,
  pollMs = POLL_MS,
): Promise<NonNullable<T>> {
  const end = performance.now() + boundMs;
  for (;;) {
    const seen = await read();
    if (seen) return seen;
    if (performance.now() > end) throw new Error(`${what} did not happen within ${boundMs} ms`);
    await delay(pollMs);
  }
}
