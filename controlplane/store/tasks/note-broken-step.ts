import { sql, type Kysely } from 'kysely';
import { LOG_LEVEL } from '../../tasks/context.ts';
import { cleanText } from '../json-text.ts';
import type { Schema } from '../schema.ts';
import type { TaskLease } from './leases.ts';

/**
 * The reason is cut to this length, because the end of the task and its log show it. The error may contain all the data that
 * could not be stored.
 */
const MAX_REASON = 10_000;

/**
 * Stores why a step could not be saved: in the task's log, and beside its contexts for the node that takes the task over. Writes
 * nothing when the lease no longer holds.
 */
export async function noteBrokenStep(db: Kysely<Schema>, lease: TaskLease, why: string): Promise<void> {
  const reason = cleanText(why.slice(0, MAX_REASON));
  await sql`
    WITH noted AS (
      UPDATE task SET contexts = contexts || jsonb_build_object('engine',
        coalesce(contexts -> 'engine', '{}') || jsonb_build_object('brokenBy', ${reason}::text))
      WHERE id = ${lease.id} AND token = ${lease.token} RETURNING id)
    INSERT INTO task_log (task_id, level, message, is_user_readable)
    SELECT id, ${LOG_LEVEL.ERROR}, ${`The step failed and is not saved: ${reason}`}, false FROM noted`.execute(db);
}
