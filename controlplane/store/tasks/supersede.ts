import { sql, type Kysely, type Transaction } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import { RESTING, STATUS } from '../literals.ts';
import type { Schema } from '../schema.ts';
import { WAKE_CHANNEL } from '../wake-channel.ts';
import { WAKES_AT_ONCE } from './wakes.ts';

/**
 * Lets only one transaction at a time add tasks with this key, until that transaction ends. When two tasks are added at the same
 * moment, the second one sees the first and has the higher number.
 */
export async function lockSupersedeKey(tx: Transaction<Schema>, key: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`supersede/${key}`}, 0))`.execute(tx);
}

/** Asks for the end of the earlier tasks with this key that have not ended and were not asked before. Returns their ids. */
export async function endSuperseded(tx: Transaction<Schema>, by: TaskId, key: string): Promise<TaskId[]> {
  const { rows } = await sql<{ id: TaskId }>`
    WITH ended AS (
      UPDATE task SET ${WAKES_AT_ONCE}, terminate_requested_at = now(), superseded_by = ${by}
      WHERE supersede_key = ${key} AND id < ${by} AND status <> ${STATUS.COMPLETE} AND terminate_requested_at IS NULL
      RETURNING id, status)
    SELECT id, CASE WHEN status IN ${RESTING} THEN pg_notify(${WAKE_CHANNEL}, id::text) END AS told FROM ended
    ORDER BY id`.execute(tx);
  return rows.map(({ id }) => id);
}

/** A task because of which another one was asked to end. */
export interface EndingTask {
  readonly id: TaskId;
  readonly title: string;
  /** True: it was the other task's parent and has ended. False: it has superseded the other task. */
  readonly isParent: boolean;
}

/** Returns the task because of which this one was asked to end; null: a person asked, or that task is gone. */
export async function findEndingTask(db: Kysely<Schema>, id: TaskId): Promise<EndingTask | null> {
  const { rows } = await sql<EndingTask>`
    SELECT other.id, other.title, other.id IS NOT DISTINCT FROM task.parent_id AS is_parent
    FROM task JOIN task other ON other.id = task.superseded_by
    WHERE task.id = ${id} AND task.terminate_requested_at IS NOT NULL`.execute(db);
  return rows[0] ?? null;
}
