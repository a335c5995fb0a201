import { z } from 'zod';

/** What the sender of a flood is told: connections that it opens to a server on this machine, and what it does on each. */
export const FloodOrder = z.strictObject({
  port: z.number(),
  connections: z.number(),
  seconds: z.number(),
  /** Base64 of one request, sent again and again as quickly as it is answered; null leaves the connections idle. */
  request: z.string().nullable(),
  /** Base64 of what is sent once on each connection. */
  greeting: z.string().nullable(),
});
export type FloodOrder = z.infer<typeof FloodOrder>;

/** `open` when the connections are there; the end with the answers by their status. */
export const FloodWord = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('open') }),
  z.strictObject({ kind: z.literal('ended'), answers: z.record(z.string(), z.number()) }),
]);
export type FloodWord = z.infer<typeof FloodWord>;
