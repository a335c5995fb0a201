import { z } from 'zod';

/** What the parent tells a node of the scaling table to be. */
export const ListenerNodeOrder = z.strictObject({ name: z.string(), url: z.string(), pool: z.number() });
export type ListenerNodeOrder = z.infer<typeof ListenerNodeOrder>;

/** What such a node tells its parent. */
export const ListenerNodeWord = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('runs') }),
  z.strictObject({ kind: z.literal('heard'), task: z.number(), atMs: z.number() }),
]);
export type ListenerNodeWord = z.infer<typeof ListenerNodeWord>;
