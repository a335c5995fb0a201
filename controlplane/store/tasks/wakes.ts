import { sql } from 'kysely';
import { RESTING, STATUS } from '../literals.ts';

/** Assignments by which a signal wakes its task: they end a wait that signals may end, and the step under way notices. */
export const WAKES = sql`wake_seq = task.wake_seq + 1,
  wake_at = CASE WHEN task.status = ${STATUS.WAITING} AND task.is_cut_by_signals THEN least(task.wake_at, now()) ELSE task.wake_at END`;

/** Assignments by which a person's request wakes a task: they end every wait. In other statuses wake_at means nothing yet. */
export const WAKES_AT_ONCE = sql`wake_seq = task.wake_seq + 1, urgent_seq = task.wake_seq + 1,
  wake_at = CASE WHEN task.status IN ${RESTING} THEN least(task.wake_at, now()) ELSE now() END`;

/** Condition after WAKES: the sleeping task has just become runnable, so the nodes must be notified. */
export const HAS_WOKEN = sql<boolean>`(status = ${STATUS.WAITING} AND wake_at = now())`;
