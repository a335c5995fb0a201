import { z } from 'zod';

/**
 * A name that somebody gave to something: a task's kind and group, the submitter's own id of a request, a process of a
 * build. Two are the same when they have the same characters, as they came: nothing is replaced, trimmed or normalised, so
 * what could not be kept as it came is refused. That is NUL and halves of surrogate pairs (PostgreSQL stores neither),
 * U+FFFD (which stands for bytes that were no text), and control characters, which no command line can be told.
 */
export function identifier(maxCharacters: number): z.ZodString {
  return z
    .string()
    .min(1, 'it must not be empty')
    .max(maxCharacters, `at most ${maxCharacters} characters`)
    .regex(
      // Ranges, and no properties of Unicode: the OpenAPI document has this, and not every program reads those.
      /^[^\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd\u2028\u2029]*$/u,
      'no control characters, and nothing that is not whole Unicode text (NUL, half a surrogate pair, U+FFFD)',
    )
    .refine(
      (text) => text !== '__proto__',
      'this name cannot be used: no JSON object that is kept by names can hold it',
    );
}

export const Name = identifier(128);
export const ClientJobId = identifier(256);
