import { z } from 'zod';
import { TaskSummary } from '../tasks/task-views.ts';
import { Count, Instant } from '../view-fields.ts';

/** One of the conditions under which a task may go on. */
export const GateView = z.object({
  code: z
    .enum([
      'not-released',
      'task-paused',
      'all-paused',
      'group-paused',
      'class-missing',
      'maintenance',
      'target-in-use',
      'group-full',
    ])
    .describe('The same words as `waiting.code`.'),
  isOpen: z.boolean(),
  sentence: z.string(),
  since: Instant.nullable().describe('Since when it is closed; null: it is open, or nobody knows.'),
  by: z.string().nullable().describe('Who closed it.'),
  taskIds: z
    .array(Count)
    .describe('The tasks that keep it closed, 20 at most: those that hold the slots, or the target.'),
  group: z.string().nullable(),
});
export type GateView = z.infer<typeof GateView>;

/** What has to happen before a task starts or goes on. */
export const QueueView = z.object({
  gates: z.array(GateView),
  position: z
    .number()
    .int()
    .positive()
    .nullable()
    .describe('Position of the task in the queue of its group, from 1; null: it does not wait for a slot.'),
  of: Count.nullable().describe('The tasks in that queue.'),
  expectedStartAt: Instant.nullable().describe(
    "Assumes that all tasks take as long as the group's last successes; null while a gate is closed that the end of another task does not open.",
  ),
  usualSeconds: z.number().nullable().describe('The median that this is computed with.'),
});
export type QueueView = z.infer<typeof QueueView>;

/** A task in the queue of its group. */
export const QueuedView = z.object({
  task: TaskSummary,
  position: z.number().int().positive().describe('Position in the queue of the group, from 1.'),
  expectedStartAt: Instant.nullable().describe('The same as that of the task alone.'),
  closed: z.array(GateView).describe('The gates that are closed now. `since` is null for a pause of the task alone.'),
});
export type QueuedView = z.infer<typeof QueuedView>;

/** The beginning of a group's queue, in the order in which its tasks start. */
export const GroupQueueView = z.object({
  group: z.string(),
  of: Count.describe('All tasks in the queue, also those that are not shown here.'),
  usualSeconds: z.number().nullable(),
  queued: z.array(QueuedView).describe('Without the tasks that the caller may not see.'),
});
export type GroupQueueView = z.infer<typeof GroupQueueView>;
