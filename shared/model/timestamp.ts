import { z } from 'zod';

// The database has no year 0, and ISO 8601 writes years beyond 9999 in another form. An offset can lead out of these years.
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** An instant in ISO 8601, with an offset or in UTC, from a client or an agent. */
export const Timestamp = z.iso.datetime({ offset: true, abort: true }).refine((text) => {
  const ms = Date.parse(text);
  return ms >= FIRST_MS && ms <= LAST_MS;
}, 'must be an instant of the years 1 to 9999');

/** Returns the instant `ms` before another one, but not before the first possible one. */
export function instantBefore(at: Date, ms: number): Date {
  return new Date(Math.max(FIRST_MS, at.getTime() - ms));
}
