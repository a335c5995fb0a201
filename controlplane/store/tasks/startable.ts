import { sql, type RawBuilder } from 'kysely';
import { SLOT, STATUS } from '../literals.ts';
import { isAllowedByPauses, isPastMaintenance, isQueued, isRunnableBy, type Claim } from './queue.ts';

// Condition: no started task has the same work id. The index task_one_started_per_work_id guarantees it; this condition only
// avoids its error.
export const WORK_IS_FREE = sql`NOT EXISTS (
  SELECT FROM task other WHERE other.work_id = task.work_id AND other.slot <> ${SLOT.none} AND other.status <> ${STATUS.COMPLETE})`;
export const PARENT_IS_STARTED = sql`EXISTS (
  SELECT FROM task parent WHERE parent.id = task.parent_id AND parent.slot <> ${SLOT.none} AND parent.status <> ${STATUS.COMPLETE})`;

/**
 * Condition: the queued task starts in a slot of its group. A child starts in the slot of its parent. One that was
 * restarted when its parent was over has no such slot. One that has not started by then is ended (children.ts).
 */
export const STARTS_BY_GROUP = sql<boolean>`(parent_id IS NULL OR (status = ${STATUS.RESTARTED} AND NOT ${PARENT_IS_STARTED}))`;

/** The order in which queued tasks start. */
export const IN_ORDER = sql`ORDER BY is_prioritized DESC, priority, id`;

// These limits are literals: PostgreSQL assumes a tenth of all rows for a LIMIT parameter, and plans anew each time. Skipping a
// task takes a microsecond, finding the first task of a work id takes ten.
const NEAR = sql.lit(16);
const WORKS = sql.lit(32);
// More than one, because another connection may have locked the first task to pause or terminate it.
const CANDIDATES = sql.lit(8);

export function mayStartNow(claim: Claim): RawBuilder<unknown> {
  return sql`wake_at <= now() AND ${isAllowedByPauses} AND ${isRunnableBy(claim)}`;
}

/** Query for the ids of the group's first tasks, of which mostly one has a free work id. */
export function nearestStartable(claim: Claim, group: string): RawBuilder<unknown> {
  return sql`SELECT id FROM task WHERE ${isOfQueue(group)} AND ${mayLeaveQueue(claim)} ${IN_ORDER} LIMIT ${NEAR}`;
}

/**
 * Query for the ids of the group's first tasks whose work id is free. Thousands of tasks may be queued for one work id, so while
 * there are few work ids the first task of each is found by the index task_queued_of_work. With many work ids the queue is read
 * in its order.
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

function mayLeaveQueue(claim: Claim): RawBuilder<unknown> {
  return sql`${STARTS_BY_GROUP} AND ${isPastMaintenance} AND ${mayStartNow(claim)}`;
}
