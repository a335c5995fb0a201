import { z } from 'zod';
import { Count, Instant } from '../view-fields.ts';
import { TaskStatusName } from '../tasks/task-views.ts';

export const PingAnswer = z.object({
  service: z.literal('wip'),
  version: z.string(),
  now: Instant,
  /** Number of tasks by status; a status without tasks may be missing. */
  tasks: z.partialRecord(TaskStatusName, Count),
});
export type PingAnswer = z.infer<typeof PingAnswer>;

export const AliveAnswer = z.object({ alive: z.literal(true) });
/** `reasons`: why not, when it is not. */
export const ReadyAnswer = z.object({
  ready: z.boolean(),
  reasons: z.array(z.string()),
  /** Why tasks wait to be launched; absent when none does, or the node is not ready. */
  launches: z.array(z.string()).optional(),
});
