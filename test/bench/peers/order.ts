import { z } from 'zod';

export const ContestantName = z.enum(['wip', 'skip-locked', 'graphile-worker', 'pg-boss', 'dbos']);
export type ContestantName = z.infer<typeof ContestantName>;

/** The parent's order to the process of one contestant. */
export const Order = z.strictObject({
  name: ContestantName,
  url: z.string(),
  directory: z.string(),
  lanes: z.number(),
  wakes: z.number(),
  cyclesMs: z.number(),
});
export type Order = z.infer<typeof Order>;

export const Result = z.strictObject({ p50Ms: z.number(), p99Ms: z.number(), cyclesPerSecond: z.number() });
export type Result = z.infer<typeof Result>;
