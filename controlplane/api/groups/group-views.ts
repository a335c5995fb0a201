import { z } from 'zod';
import { Count } from '../view-fields.ts';
import { PauseTypeName } from '../state/state-views.ts';

export const GroupView = z.object({
  name: z.string(),
  /** Tasks that hold one of its places. */
  running: Count,
  maxRunning: Count,
  /** Tasks that wait for a place. */
  queued: Count,
  pause: PauseTypeName.nullable(),
  /** How long ended tasks are kept. */
  retentionDays: Count,
});
export type GroupView = z.infer<typeof GroupView>;
export const GroupsAnswer = z.object({ groups: z.array(GroupView) });
export type GroupsAnswer = z.infer<typeof GroupsAnswer>;
