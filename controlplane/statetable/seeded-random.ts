/** Returns a number from 0 (inclusive) to 1 (exclusive) at each call. */
export type Random = () => number;

/**
 * Mulberry32 by Tommy Ettinger (public domain): 32 bits of state, good enough to choose answers, and the same seed
 * gives the same run on every machine.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
