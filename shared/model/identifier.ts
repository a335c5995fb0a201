import { z } from 'zod';

/**
 * A name that somebody gave to something: a task's kind and group, the submitter's own id of a request, a process of a build. Two
 * are the same only when they have the same characters: nothing is replaced, trimmed or normalised. Characters that could not be
 * kept unchanged are refused: NUL and halves of surrogate pairs (PostgreSQL stores neither), U+FFFD (which replaces bytes that
 * were not text), and control characters, which cannot be typed on a command line.
 */
export function identifier(maxCharacters: number): z.ZodString {
  return z
    .string()
    .min(1, 'it must not be empty')
    .max(maxCharacters, `at most ${maxCharacters} characters`)
    .regex(
      // Ranges instead of Unicode properties: the pattern is part of the OpenAPI document, and not every program understands such
      // properties.
      /^[^\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd\u2028\u2029]*$/u,
      'no control characters, and nothing that is not whole Unicode text (NUL, half a surrogate pair, U+FFFD)',
    )
    .refine((text) => text !== '__proto__', 'this name cannot be used, because JSON objects cannot have it as a key');
}

export const Name = identifier(128);
export const ClientJobId = identifier(256);
