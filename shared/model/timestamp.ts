import { z } from 'zod';

/**
 * A time in ISO 8601, with an offset or in UTC. The database has no year 0, and JavaScript writes years beyond 9999 in another
 * form.
 */
export const Timestamp = z.iso.datetime({ offset: true }).refine((text) => {
  const year = new Date(text).getUTCFullYear();
  return year >= 1 && year <= 9999;
}, 'Give a time of the years 1 to 9999');
