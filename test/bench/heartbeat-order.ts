import { z } from 'zod';

/** A container that may enrol. */
export const LaunchedAgent = z.strictObject({ callbackId: z.string(), token: z.string() });
export type LaunchedAgent = z.infer<typeof LaunchedAgent>;

/** The order to the sender of heartbeats. */
export const SenderOrder = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('enrol'), url: z.string(), agents: z.array(LaunchedAgent) }),
  z.strictObject({
    kind: z.literal('send'),
    perSecond: z.number(),
    seconds: z.number(),
    /** each: a new connection for each heartbeat. kept: connections are used again, as many as requests under way. */
    connections: z.enum(['each', 'kept']),
  }),
]);
export type SenderOrder = z.infer<typeof SenderOrder>;

/** The sender's message when the order is done. */
export const SenderWord = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('enrolled') }),
  z.strictObject({
    kind: z.literal('sent'),
    accepted: z.number(),
    refused: z.number(),
    p50Ms: z.number(),
    p99Ms: z.number(),
  }),
]);
export type SenderWord = z.infer<typeof SenderWord>;
