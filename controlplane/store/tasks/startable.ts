import { sql, type RawBuilder } from 'kysely';
import { SLOT, STATUS } from '../literals.ts';
import { isPastMaintenance, isQueued, isRunnableBy, mayBeTouched, type Claim } from './queue.ts';

// No task of the same work id is started. The index task_one_started_per_work_id proves it; this only avoids its error.
export const WORK_IS_FREE = sql`NOT EXISTS (
  SELECT FROM task other WHERE other.work_id = task.work_id AND other.slot <> ${SLOT.none} AND other.status <> ${STATUS.COMPLETE})`;
export const PARENT_IS_STARTED = sql`EXISTS (
  SELECT FROM task parent WHERE parent.id = task.parent_id AND parent.slot <> ${SLOT.none} AND parent.status <> ${STATUS.COMPLETE})`;

/** The order in which queued tasks start. */
export const IN_ORDER = sql`ORDER BY is_prioritized DESC, priority, id`;

// The numbers stand in the text: PostgreSQL takes a limit that is a parameter for a tenth of all rows, and plans anew each
// time. To pass over a task takes a microsecond, to find the first one of a work id ten.
const NEAR = sql.lit(16);
const WORKS = sql.lit(32);
// Another connection may have locked the first one, to pause or to end it.
const CANDIDATES = sql.lit(8);

export function mayStartNow(claim: Claim): RawBuilder<unknown> {
  return sql`wake_at <= now() AND ${mayBeTouched} AND ${isRunnableBy(claim)}`;
}

/** Query for the ids of the group's first tasks, among which is mostly one whose work id is free. */
export function nearestStartable(claim: Claim, group: string): RawBuilder<unknown> {
  return sql`SELECT id FROM task WHERE ${isOfQueue(group)} AND ${mayLeaveQueue(claim)} ${IN_ORDER} LIMIT ${NEAR}`;
}

/**
 * Query for the ids of the group's first tasks whose work id is free. Thousands may be queued behind one work id, so as
 * long as there are few work ids, the first task of each is looked at, by the index task_queued_of_work. With many of them
 * the queue is passed over in its order.
 */
export function firstOfEachWork(claim: Claim, group: string): RawBuilder<unknown> {
  const isStartable = sql`${isOfQueue(group)} AND ${mayLeaveQueue(claim)}`;
  const firstOf = (after: RawBuilder<unknown>): RawBuilder<unknown> => sql`
    SELECT id, work_id, is_prioritized, priority FROM task WHERE ${after} AND ${isStartable}
    ORDER BY work_id, is_prioritized DESC, priority, id LIMIT 1`;
  return sql`
    WITH RECURSIVE head AS (
      SELECT 1 AS number, first.* FROM (${firstOf(sql`true`)}) AS first
      UNION ALL
      SELECT number + 1, next.* FROM head CROSS JOIN LATERAL (${firstOf(sql`work_id > head.work_id`)}) AS next
      WHERE number <= ${WORKS}),
    works AS MATERIALIZED (SELECT count(*) > ${WORKS} AS are_many FROM head)
    (SELECT id FROM head AS task WHERE NOT (SELECT are_many FROM works) AND ${WORK_IS_FREE} ${IN_ORDER} LIMIT ${CANDIDATES})
    UNION ALL
    (SELECT id FROM task WHERE (SELECT are_many FROM works) AND ${isStartable} AND ${WORK_IS_FREE} ${IN_ORDER} LIMIT ${CANDIDATES})`;
}

function isOfQueue(group: string): RawBuilder<unknown> {
  return sql`${isQueued} AND group_name = ${group}`;
}

/**
 * A child starts in the slot of its parent, and not by its group. One that was restarted when its parent was over has no
 * such slot. One that has not started by then is ended (children.ts).
 */
function mayLeaveQueue(claim: Claim): RawBuilder<unknown> {
  return sql`(parent_id IS NULL OR (status = ${STATUS.RESTARTED} AND NOT ${PARENT_IS_STARTED})) AND ${isPastMaintenance} AND ${mayStartNow(claim)}`;
}
