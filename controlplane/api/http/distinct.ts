import { z } from 'zod';

/** A list of names in a body, each of them once: what is there twice was meant to be another one. */
export function distinct<T extends z.ZodType<string>>(name: T, most: number) {
  return z
    .array(name)
    .max(most)
    .superRefine((names, context) => {
      for (const [index, each] of names.entries()) {
        if (names.indexOf(each) !== index)
          context.addIssue({ code: 'custom', path: [index], message: 'is there twice' });
      }
    });
}
