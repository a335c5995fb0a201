import { OperationalError } from '../../../shared/model/error.ts';

const AGE_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The accepted forms of a time, for the help of options. */
export const TIME_HELP = 'an ISO 8601 time or date, or an age such as 30m, 2h, 7d';

/** Reads a time or an age, and returns the time in the format of the API. Throws USAGE. */
export function parseTime(text: string, now: Date): string {
  const ageMs = readDurationMs(text);
  if (ageMs !== undefined) return new Date(now.getTime() - ageMs).toISOString();
  // A date alone, or with a time. Date.parse would also take "7" for a year.
  const isDated = /^\d{4}-\d{2}-\d{2}(T|$)/.test(text) && isDay(text.slice(0, 10));
  const instant = isDated ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(instant)) return new Date(instant).toISOString();
  throw new OperationalError('USAGE', {
    happened: `"${text}" is neither a time nor an age`,
    remedy: 'Give one such as 2026-11-28T12:00:00Z, 2026-11-28, 30m, 2h or 7d',
  });
}

/** Date.parse takes the 30th of February for the 2nd of March. */
function isDay(day: string): boolean {
  const instant = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(day);
}

/** Reads a duration such as 90s, 30m, 2h or 7d. Throws USAGE. */
export function parseDurationMs(text: string): number {
  const durationMs = readDurationMs(text);
  if (durationMs !== undefined) return durationMs;
  throw new OperationalError('USAGE', {
    happened: `"${text}" is not a duration`,
    remedy: 'Give one such as 90s, 30m, 2h or 7d',
  });
}

function readDurationMs(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  return count !== undefined && isUnit(unit) ? Number(count) * AGE_MS[unit] : undefined;
}

function isUnit(text: string | undefined): text is keyof typeof AGE_MS {
  return text !== undefined && text in AGE_MS;
}
