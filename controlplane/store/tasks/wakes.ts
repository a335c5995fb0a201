import { sql } from 'kysely';

/** What a signal does to its task: it ends a wait that signals may end, and the step under way will notice it. */
export const WAKES = sql`wake_seq = task.wake_seq + 1,
  wake_at = CASE WHEN task.status = 1 AND task.is_cut_by_signals THEN least(task.wake_at, now()) ELSE task.wake_at END`;

/** What a person's request does: it ends every wait. (In other statuses wake_at means nothing yet.) */
export const WAKES_AT_ONCE = sql`wake_seq = task.wake_seq + 1, urgent_seq = task.wake_seq + 1,
  wake_at = CASE WHEN task.status IN (0, 1, 4) THEN least(task.wake_at, now()) ELSE now() END`;

/** After WAKES: whether it has just made a sleeper runnable, so that somebody must be told. */
export const HAS_WOKEN = sql<boolean>`(status = 1 AND wake_at = now())`;
