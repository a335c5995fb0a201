import { z } from 'zod';

const SECONDS_OF_UNIT = { ms: 0.001, s: 1, m: 60, min: 60, h: 3_600, d: 86_400 } as const;
type Unit = keyof typeof SECONDS_OF_UNIT;

const PART = /(\d+(?:\.\d+)?)\s*(ms|min|s|m|h|d)(?![a-z])/g;
const WHOLE = /^\s*(?:\d+(?:\.\d+)?\s*(?:ms|min|s|m|h|d)\s*)+$/;

/** Returns the seconds of `25 s`, `3 m` or `1 h 30 m`; null for text that is no duration. */
function secondsOfText(text: string): number | null {
  if (!WHOLE.test(text)) return null;
  return [...text.matchAll(PART)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * SECONDS_OF_UNIT[unit as Unit],
    0,
  );
}

/** A duration in a script: seconds, or text such as `25 s`, `3 m`, `1 h 30 m`. Parsed, it is seconds. */
export const Duration = z.union([z.number().min(0), z.string()]).transform((given, check): number => {
  const seconds = typeof given === 'number' ? given : secondsOfText(given);
  if (seconds !== null) return seconds;
  check.addIssue({ code: 'custom', message: `"${given}" is no duration: write seconds, or "25 s", "3 m", "1 h 30 m"` });
  return z.NEVER;
});
export type Duration = z.input<typeof Duration>;

/** Parses a duration that a test gave. Throws for text that is none. */
export function secondsOf(duration: Duration): number {
  const parsed = Duration.safeParse(duration);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map(({ message }) => message).join('; '));
}
