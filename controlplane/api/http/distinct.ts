import { z } from 'zod';

/** A list of distinct names in a body. A repeated name is refused: most likely another one was meant. */
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
