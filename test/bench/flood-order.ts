import { z } from 'zod';

/**
 * The order to the sender of a flood: connections that it opens to a server on this machine, and the bytes that it
 * sends on each.
 */
export const FloodOrder = z.strictObject({
  port: z.number(),
  connections: z.number(),
  seconds: z.number(),
  /** Base64 of one request, sent again and again as quickly as it is answered; null leaves the connections idle. */
  request: z.string().nullable(),
  /** Base64 of bytes that are sent once on each connection. */
  greeting: z.string().nullable(),
});
export type FloodOrder = z.infer<typeof FloodOrder>;

/** `open` once the connections are open; at the end the number of answers by status. */
export const FloodWord = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('open') }),
  z.strictObject({ kind: z.literal('ended'), answers: z.record(z.string(), z.number()) }),
]);
export type FloodWord = z.infer<typeof FloodWord>;
