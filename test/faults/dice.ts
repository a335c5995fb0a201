import { seededRandom } from '../../controlplane/statetable/seeded-random.ts';

export interface Dice {
  /** Returns a whole number in [from, to]. */
  between(from: number, to: number): number;
  chance(p: number): boolean;
  pick<T>(from: readonly T[]): T;
  random(): number;
}

/** Returns dice. The same seed gives the same throws. */
export function diceOf(seed: number): Dice {
  const random = seededRandom(seed);
  const between = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  return { random, between, chance: (p) => random() < p, pick: (from) => from[between(0, from.length - 1)]! };
}
