import { z } from 'zod';
import { shown } from './shown-value.ts';

/** A field that has one of a few words. What it has instead is shown, so none of them may be secret. */
export function knownWord<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, {
    error: ({ input }) => `must be one of ${words.join(', ')}${input === undefined ? '' : `, and is ${shown(input)}`}`,
  });
}
