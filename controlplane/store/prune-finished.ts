import { sql, type Kysely } from 'kysely';
import { LIVE, STATUS } from './literals.ts';
import type { Schema } from './schema.ts';

/**
 * Deletes up to `limit` ended tasks whose retention is over, of one group or of all, with all their records. Returns the number
 * of deleted tasks; call it again while that is `limit`. A batch is one short transaction, so that others do not wait for it.
 */
export async function pruneFinished(db: Kysely<Schema>, limit: number, group?: string): Promise<number> {
  const ofGroup = group === undefined ? sql`` : sql`AND group_limit.name = ${group}`;
  const { rows } = await sql<{ count: number }>`
    WITH old AS MATERIALIZED (
      SELECT task.id FROM group_limit JOIN task ON task.group_name = group_limit.name
      WHERE task.status = ${STATUS.COMPLETE} AND task.completed_at < now() - make_interval(days => group_limit.retention_days)
        ${ofGroup}
        AND NOT EXISTS (SELECT FROM container_attempt live WHERE live.task_id = task.id AND live.state IN ${LIVE})
        AND NOT EXISTS (SELECT FROM outbox WHERE outbox.task_id = task.id)
      LIMIT ${sql.lit(limit)} FOR UPDATE OF task SKIP LOCKED),
    chunks AS (DELETE FROM output_chunk WHERE task_id IN (SELECT id FROM old)),
    streams AS (DELETE FROM output_stream WHERE task_id IN (SELECT id FROM old)),
    samples AS (DELETE FROM usage_sample WHERE attempt_id IN (
      SELECT attempt.id FROM container_attempt attempt WHERE attempt.task_id IN (SELECT id FROM old))),
    tasks AS (DELETE FROM task WHERE id IN (SELECT id FROM old) RETURNING id)
    SELECT count(*) AS count FROM tasks`.execute(db);
  return rows[0]?.count ?? 0;
}
