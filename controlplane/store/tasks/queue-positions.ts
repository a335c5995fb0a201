import { sql, type Kysely } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import { EXIT, SLOT, STATUS } from '../literals.ts';
import type { Schema, TaskRow } from '../schema.ts';
import { isQueued } from './queue.ts';
import { IN_ORDER, STARTS_BY_GROUP } from './startable.ts';

/** A started task that keeps others waiting. */
export interface SlotHolder {
  readonly id: TaskId;
  readonly startedAt: Date | null;
}

/** Returns the tasks that hold a slot of the group, in the order of their start. */
export async function listSlotHolders(db: Kysely<Schema>, group: string): Promise<SlotHolder[]> {
  const { rows } = await sql<SlotHolder>`
    SELECT id, started_at FROM task
    WHERE slot <> ${SLOT.none} AND status <> ${STATUS.COMPLETE} AND slot = ${SLOT.own} AND group_name = ${group}
    ORDER BY started_at, id`.execute(db);
  return rows;
}

/** Returns the started task that works on the same target; null: there is none. */
export async function findTargetHolder(
  db: Kysely<Schema>,
  { id, workId }: Pick<TaskRow, 'id' | 'workId'>,
): Promise<SlotHolder | null> {
  const { rows } = await sql<SlotHolder>`
    SELECT id, started_at FROM task
    WHERE slot <> ${SLOT.none} AND status <> ${STATUS.COMPLETE} AND work_id = ${workId} AND id <> ${id}`.execute(db);
  return rows[0] ?? null;
}

/** Returns the started tasks that work on one of these targets, by the target. */
export async function listTargetHolders(
  db: Kysely<Schema>,
  workIds: readonly string[],
): Promise<ReadonlyMap<string, SlotHolder>> {
  if (workIds.length === 0) return new Map();
  const { rows } = await sql<SlotHolder & { readonly workId: string }>`
    SELECT id, started_at, work_id FROM task
    WHERE slot <> ${SLOT.none} AND status <> ${STATUS.COMPLETE} AND work_id = ANY(${workIds}::text[])`.execute(db);
  return new Map(rows.map(({ workId, ...holder }) => [workId, holder]));
}

type QueuedTask = Pick<
  TaskRow,
  | 'id'
  | 'status'
  | 'kind'
  | 'classVersion'
  | 'groupName'
  | 'paused'
  | 'parentId'
  | 'slot'
  | 'startsAfterMaintenance'
  | 'terminateRequestedAt'
  | 'workId'
>;

/** Returns the first queued tasks of the group in the order in which they start. */
export async function listQueueHead(db: Kysely<Schema>, group: string, limit: number): Promise<QueuedTask[]> {
  // The order of the index task_queued: the first of 100,000 are found without reading the rest.
  const { rows } = await sql<QueuedTask>`
    SELECT id, status, kind, class_version, group_name, paused, parent_id, slot, starts_after_maintenance, terminate_requested_at, work_id FROM task
    WHERE group_name = ${group} AND ${isQueued} AND ${STARTS_BY_GROUP}
    ${IN_ORDER} LIMIT ${limit}`.execute(db);
  return rows;
}

/** Returns how many tasks wait for a slot of the group. */
export async function countQueued(db: Kysely<Schema>, group: string): Promise<number> {
  const { rows } = await sql<{ of: number }>`
    SELECT count(*) AS of FROM task WHERE group_name = ${group} AND ${isQueued} AND ${STARTS_BY_GROUP}`.execute(db);
  return rows[0]?.of ?? 0;
}

/** Returns how many queued tasks of the group start before this one, and how many there are. */
export async function readQueuePosition(
  db: Kysely<Schema>,
  task: Pick<TaskRow, 'id' | 'groupName' | 'isPrioritized' | 'priority'>,
): Promise<{ readonly ahead: number; readonly of: number }> {
  const { rows } = await sql<{ ahead: number; of: number }>`
    SELECT count(*) FILTER (WHERE (NOT is_prioritized, priority, id)
        < (${!task.isPrioritized}::boolean, ${task.priority}::smallint, ${task.id}::bigint)) AS ahead, count(*) AS of
    FROM task WHERE group_name = ${task.groupName} AND ${isQueued} AND ${STARTS_BY_GROUP}`.execute(db);
  return rows[0] ?? { ahead: 0, of: 0 };
}

/** Returns since when the first task of each group's queue waits. The wake time of a queued task is the time of its addition or restart. */
export async function readOldestQueued(db: Kysely<Schema>): Promise<ReadonlyMap<string, Date>> {
  const { rows } = await sql<{ group: string; oldest: Date }>`
    SELECT group_name AS "group", min(wake_at) AS oldest FROM task WHERE ${isQueued} GROUP BY group_name`.execute(db);
  return new Map(rows.map(({ group, oldest }) => [group, oldest]));
}

/** Durations of the last tasks of a group. */
export interface GroupTimes {
  readonly group: string;
  /** Median of the last 50 successes, from start to end; null: there is none. */
  readonly runMedianSeconds: number | null;
  /** Median of the last 50 that have ended, from being added to the start. */
  readonly waitMedianSeconds: number | null;
  readonly waitP95Seconds: number | null;
}

// The first is the same number as for the medians of a branch (usual-times.ts); the second bounds the search in a group whose
// tasks mostly fail.
const SAMPLES = 50;
const READ = 500;

/** Returns the times of the groups. Groups in which nothing has ended are not in it. */
export async function readGroupTimes(db: Kysely<Schema>, groups: readonly string[]): Promise<GroupTimes[]> {
  const { rows } = await sql<GroupTimes>`
    SELECT name AS "group",
      (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ran) FROM (
        SELECT ran FROM unnest(runs) AS ran WHERE ran IS NOT NULL LIMIT ${SAMPLES}) run) AS run_median_seconds,
      (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY waited) FROM (
        SELECT waited FROM unnest(waits) AS waited WHERE waited IS NOT NULL LIMIT ${SAMPLES}) wait) AS wait_median_seconds,
      (SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY waited) FROM (
        SELECT waited FROM unnest(waits) AS waited WHERE waited IS NOT NULL LIMIT ${SAMPLES}) wait) AS wait_p95_seconds
    FROM unnest(${groups}::text[]) AS name CROSS JOIN LATERAL (
      SELECT array_agg(CASE WHEN exit_status IN (${EXIT.WARNING}, ${EXIT.COMPLETED})
          THEN extract(epoch FROM completed_at - started_at)::float8 END ORDER BY completed_at DESC) AS runs,
        -- Of a task that was restarted nobody knows when it began to wait.
        array_agg(CASE WHEN attempts <= 1 THEN extract(epoch FROM started_at - created_at)::float8 END
          ORDER BY completed_at DESC) AS waits
      FROM (SELECT exit_status, attempts, created_at, started_at, completed_at FROM task
        WHERE group_name = name AND status = ${STATUS.COMPLETE} AND started_at IS NOT NULL
        ORDER BY completed_at DESC LIMIT ${READ}) last) ended
    WHERE runs IS NOT NULL`.execute(db);
  return rows;
}
