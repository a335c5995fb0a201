import { z } from 'zod';
import { shown } from '../../shared/text/shown-value.ts';
import { TestkitError } from './testkit-error.ts';

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

// A century. Longer times would leave what a Date can hold, at which no time passes any more.
export const MOST_SECONDS = 100 * 365 * 86_400;

/** A duration in a script: seconds, or text such as `25 s`, `3 m`, `1 h 30 m`. Parsed, it is seconds. */
export const Duration = z
  .custom<number | string>((given) => isDuration(given), {
    error: ({ input }) =>
      `${shown(input)} is no duration: write seconds from 0 to ${MOST_SECONDS}, or "25 s", "3 m", "1 h 30 m"`,
  })
  .transform((given): number => secondsIn(given)!);
export type Duration = z.input<typeof Duration>;

function isDuration(given: unknown): boolean {
  const seconds = secondsIn(given);
  return seconds !== null && seconds >= 0 && seconds <= MOST_SECONDS;
}

function secondsIn(given: unknown): number | null {
  if (typeof given === 'string') return secondsOfText(given);
  return typeof given === 'number' ? given : null;
}

/** Parses a duration that a test gave. Throws TestkitError for what is none. */
export function secondsOf(duration: Duration): number {
  const parsed = Duration.safeParse(duration);
  if (parsed.success) return parsed.data;
  throw new TestkitError(parsed.error.issues.map(({ message }) => message).join('; '));
}
