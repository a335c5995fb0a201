import { z } from 'zod';

/**
 * Parses a whole number from a query, a path or an argument; returns undefined for any other text. `Number` would also accept "",
 * " 1", "+1", "1e1" and "0x10", so a typing mistake could become a different number.
 */
export function parseDigits(text: string): number | undefined {
  return /^[0-9]+$/.test(text) ? Number(text) : undefined;
}

/** A whole number in decimal digits, within these bounds. */
export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER) {
  const error = ({ input }: { readonly input?: unknown }): string =>
    input === undefined ? 'is missing' : `must be a whole number from ${least} to ${most}`;
  return z.preprocess(
    (value) => (typeof value === 'string' ? (parseDigits(value) ?? value) : value),
    z.number({ error }).int({ error }).min(least, { error }).max(most, { error }),
  );
}
