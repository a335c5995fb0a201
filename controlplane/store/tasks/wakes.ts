import { sql } from 'kysely';
import { RESTING, STATUS } from '../literals.ts';

/** What a signal does to its task: it ends a wait that signals may end, and the step under way will notice it. */
export const WAKES = sql`wake_seq = task.wake_seq + 1,
  wake_at = CASE WHEN task.status = ${STATUS.WAITING} AND task.is_cut_by_signals THEN least(task.wake_at, now()) ELSE task.wake_at END`;

/** What a person's request does: it ends every wait. (In other statuses wake_at means nothing yet.) */
export const WAKES_AT_ONCE = sql`wake_seq = task.wake_seq + 1, urgent_seq = task.wake_seq + 1,
  wake_at = CASE WHEN task.status IN ${RESTING} THEN least(task.wake_at, now()) ELSE now() END`;

/** After WAKES: whether it has just made a sleeper runnable, so that somebody must be told. */
export const HAS_WOKEN = sql<boolean>`(status = ${STATUS.WAITING} AND wake_at = now())`;
