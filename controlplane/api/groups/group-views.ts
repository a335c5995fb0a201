import { z } from 'zod';
import { Count, Instant } from '../view-fields.ts';
import { PauseTypeName } from '../state/state-views.ts';

export const GroupView = z.object({
  name: z.string().describe('Name of the group.'),
  running: Count.describe('Tasks that count against the maximum.'),
  maxRunning: Count.describe('Tasks that may run at once.'),
  queued: Count.describe('Tasks that wait to start.'),
  pause: PauseTypeName.nullable().describe('Null: the group is not paused by itself.'),
  retentionDays: Count.describe('Days for which ended tasks are kept.'),
  clusters: z
    .array(z.string())
    .describe('Clusters of its tasks in the order in which they are tried; none: the active one.'),
  // The rest is absent in answers of an earlier version.
  pausedSince: Instant.nullable()
    .optional()
    .describe('When the pause was last changed; null: the group is not paused, or the pause is not on record.'),
  pausedBy: z.string().nullable().optional().describe('Who last changed the pause.'),
  oldestQueuedAt: Instant.nullable()
    .optional()
    .describe('When the oldest task of its queue was added; null: none waits.'),
  usualWait: z
    .object({ medianSeconds: z.number(), p95Seconds: z.number() })
    .nullable()
    .optional()
    .describe('Time from being added to the start, of the last 50 tasks that have ended; null: none has.'),
  usualSeconds: z.number().nullable().optional().describe('The median of the last 50 successes, from start to end.'),
});
export type GroupView = z.infer<typeof GroupView>;
export const GroupsAnswer = z.object({ groups: z.array(GroupView) });
export type GroupsAnswer = z.infer<typeof GroupsAnswer>;
