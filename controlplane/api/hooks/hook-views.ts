import { z } from 'zod';

/** What became of a delivery. GitHub and GitLab show it beside the delivery. */
export const HookAnswer = z.object({
  /** `known`: it came before, and its task is there. */
  outcome: z.enum(['added', 'known', 'nothing']),
  /** The task; null for nothing. */
  task: z.int().positive().nullable(),
  /** One sentence for people. */
  message: z.string(),
});
export type HookAnswer = z.infer<typeof HookAnswer>;
