import { z } from 'zod';

/** Problem details for HTTP APIs (RFC 9457) with our own fields. */
export const ErrorAnswer = z.object({
  /** Where the code is explained, relative to the server. */
  type: z.string().default('about:blank'),
  /** The same for each problem of this type. */
  title: z.string().default(''),
  status: z.number().int().default(0),
  /** The same as `message`. */
  detail: z.string().default(''),
  code: z.string(),
  message: z.string(),
  requestId: z.string(),
  details: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type ErrorAnswer = z.infer<typeof ErrorAnswer>;
