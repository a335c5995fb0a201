import { z } from 'zod';

/** The parent's order to a node of the scaling table. */
export const ListenerNodeOrder = z.strictObject({ name: z.string(), url: z.string(), pool: z.number() });
export type ListenerNodeOrder = z.infer<typeof ListenerNodeOrder>;

/** The node's message to its parent. */
export const ListenerNodeWord = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('runs') }),
  z.strictObject({ kind: z.literal('heard'), task: z.number(), atMs: z.number() }),
]);
export type ListenerNodeWord = z.infer<typeof ListenerNodeWord>;
