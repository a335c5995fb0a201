import { setTimeout as delay } from 'node:timers/promises';

// Long enough for two busy cores; a test that needs it all has failed anyway.
const BOUND_MS = 15_000;
const LOOK_MS = 10;

/** Looks until the condition gives something truthy, and returns that; fails naming what was waited for. */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  boundMs = BOUND_MS,
): Promise<NonNullable<T>> {
  const end = performance.now() + boundMs;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() > end) throw new Error(`${what} did not happen within ${boundMs} ms`);
    await delay(LOOK_MS);
  }
}
