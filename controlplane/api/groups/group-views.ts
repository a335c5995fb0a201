import { z } from 'zod';
import { Count, Instant } from '../view-fields.ts';
import { PauseTypeName } from '../state/state-views.ts';

export const GroupView = z.object({
  name: z.string(),
  /** Tasks that count against the maximum. */
  running: Count,
  maxRunning: Count,
  /** Tasks that wait to start. */
  queued: Count,
  pause: PauseTypeName.nullable(),
  /** Days for which ended tasks are kept. */
  retentionDays: Count,
  /** Clusters of its tasks in the order in which they are tried; none: the active one. */
  clusters: z.array(z.string()),
  // The rest is absent in answers of an earlier version.
  /** When the pause was last changed, and by whom; null: the group is not paused, or the pause is not on record. */
  pausedSince: Instant.nullable().optional(),
  pausedBy: z.string().nullable().optional(),
  /** When the oldest task of its queue was added; null: none waits. */
  oldestQueuedAt: Instant.nullable().optional(),
  /** From being added to the start, of the last 50 tasks that have ended; null: none has. */
  usualWait: z.object({ medianSeconds: z.number(), p95Seconds: z.number() }).nullable().optional(),
  /** The median of the last 50 successes, from start to end. */
  usualSeconds: z.number().nullable().optional(),
});
export type GroupView = z.infer<typeof GroupView>;
export const GroupsAnswer = z.object({ groups: z.array(GroupView) });
export type GroupsAnswer = z.infer<typeof GroupsAnswer>;
