import { z } from 'zod';
import { TaskSummary } from '../tasks/task-views.ts';
import { Count, Instant } from '../view-fields.ts';

/** One of the conditions under which a task may go on. */
export const GateView = z.object({
  /** The same words as `waiting.code`. */
  code: z.enum([
    'not-released',
    'task-paused',
    'all-paused',
    'group-paused',
    'class-missing',
    'maintenance',
    'target-in-use',
    'group-full',
  ]),
  isOpen: z.boolean(),
  sentence: z.string(),
  /** Since when it is closed; null: it is open, or nobody knows. */
  since: Instant.nullable(),
  /** Who closed it. */
  by: z.string().nullable(),
  /** The tasks that keep it closed, 20 at most: those that hold the slots, or the target. */
  taskIds: z.array(Count),
  group: z.string().nullable(),
});
export type GateView = z.infer<typeof GateView>;

/** What has to happen before a task starts or goes on. */
export const QueueView = z.object({
  gates: z.array(GateView),
  /** The task's position in the queue of its group, from 1; null: it does not wait for a slot. */
  position: z.number().int().positive().nullable(),
  /** The tasks in that queue. */
  of: Count.nullable(),
  /**
   * Assumes that all tasks take as long as the group's last successes; null while a gate is closed that the end of another task
   * does not open.
   */
  expectedStartAt: Instant.nullable(),
  /** The median that this is computed with. */
  usualSeconds: z.number().nullable(),
});
export type QueueView = z.infer<typeof QueueView>;

/** A task in the queue of its group. */
export const QueuedView = z.object({
  task: TaskSummary,
  /** From 1. */
  position: z.number().int().positive(),
  /** The same as that of the task alone. */
  expectedStartAt: Instant.nullable(),
  /** The gates that are closed now. `since` is null for a pause of the task alone. */
  closed: z.array(GateView),
});
export type QueuedView = z.infer<typeof QueuedView>;

/** The beginning of a group's queue, in the order in which its tasks start. */
export const GroupQueueView = z.object({
  group: z.string(),
  /** All tasks in the queue, also those that are not shown here. */
  of: Count,
  usualSeconds: z.number().nullable(),
  /** Without the tasks that the caller may not see. */
  queued: z.array(QueuedView),
});
export type GroupQueueView = z.infer<typeof GroupQueueView>;
