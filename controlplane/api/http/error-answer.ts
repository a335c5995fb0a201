import { z } from 'zod';

/** Problem details for HTTP APIs (RFC 9457) with our own fields. */
export const ErrorAnswer = z.object({
  type: z.string().default('about:blank').describe('Where the code is explained, relative to the server.'),
  title: z.string().default('').describe('The same for each problem of this type.'),
  status: z.number().int().default(0).describe('The HTTP status.'),
  detail: z.string().default('').describe('The same as `message`.'),
  code: z.string().describe('For programs: what happened. The codes are at /docs.'),
  message: z.string().describe('For people: what happened, and what to do.'),
  requestId: z.string().describe('Names the request in the log of the server.'),
  details: z
    .array(z.object({ path: z.string(), message: z.string().describe('For people: what happened, and what to do.') }))
    .optional()
    .describe('Each field of the request that is wrong.'),
});
export type ErrorAnswer = z.infer<typeof ErrorAnswer>;
