import { z } from 'zod';
import { shown } from './shown-value.ts';

/** A schema for one of a few words. The message shows a wrong value, so the field must not be secret. */
export function knownWord<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, {
    error: ({ input }) => `must be one of ${words.join(', ')}${input === undefined ? '' : `, and is ${shown(input)}`}`,
  });
}
