import { z } from 'zod';
import { Count, Instant } from '../view-fields.ts';
import { TaskStatusName } from '../tasks/task-views.ts';

export const PingAnswer = z.object({
  service: z.literal('wip').describe('Always `wip`.'),
  version: z.string().describe('Version of the node that answered.'),
  now: Instant.describe('The time by the clock of the node.'),
  tasks: z
    .partialRecord(TaskStatusName, Count)
    .describe('Number of tasks by status; a status without tasks may be missing.'),
});
export type PingAnswer = z.infer<typeof PingAnswer>;

export const AliveAnswer = z.object({ alive: z.literal(true).describe('Always true.') });
/** `reasons`: why not, when it is not. */
export const ReadyAnswer = z.object({
  ready: z.boolean().describe('Whether this node should get requests.'),
  reasons: z.array(z.string()).describe('Why not, a clause each.'),
  launches: z
    .array(z.string())
    .optional()
    .describe('Why tasks wait to be launched; absent when none does, or the node is not ready.'),
});
