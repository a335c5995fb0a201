import { z } from 'zod';

/** The tags of a request. A tag without a value has an empty one. */
export const TagsInput = z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]);
