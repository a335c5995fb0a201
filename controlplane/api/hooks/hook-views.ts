import { z } from 'zod';

/** What became of a delivery. GitHub and GitLab show it beside the delivery. */
export const HookAnswer = z.object({
  outcome: z.enum(['added', 'known', 'nothing']).describe('`known`: it came before, and its task is there.'),
  task: z.int().positive().nullable().describe('The task; null for nothing.'),
  message: z.string().describe('One sentence for people.'),
});
export type HookAnswer = z.infer<typeof HookAnswer>;
