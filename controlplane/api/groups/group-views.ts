import { z } from 'zod';
import { Count } from '../view-fields.ts';
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
});
export type GroupView = z.infer<typeof GroupView>;
export const GroupsAnswer = z.object({ groups: z.array(GroupView) });
export type GroupsAnswer = z.infer<typeof GroupsAnswer>;
