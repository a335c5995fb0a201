import { z } from 'zod';

/**
 * Returns the whole number that a text is, of a query, a path or an argument; undefined for any other text. `Number` would also
 * take "", " 1", "+1", "1e1" and "0x10", and what is typed by mistake would be another number.
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
