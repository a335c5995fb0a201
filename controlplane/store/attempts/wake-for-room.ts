import { sql, type Kysely, type RawBuilder } from 'kysely';
import { STATUS } from '../literals.ts';
import type { Schema } from '../schema.ts';
import { WAKES } from '../tasks/wakes.ts';
import { WAKE_CHANNEL } from '../wake-channel.ts';
import type { AttemptCluster } from './find-attempt.ts';

/** Identifies the ECS cluster of an attempt, whatever row and credentials it was launched with. */
function clusterOfAttempt(alias: string): RawBuilder<unknown> {
  const location = sql.ref(`${alias}.location`);
  return sql`ROW(${location} ->> 'region', ${location} ->> 'endpoint', regexp_replace(${location} ->> 'cluster', '^.*:cluster/', ''))`;
}

// The text must be the same as in the index task_waits_for_room.
const IS_FOR_ROOM = sql`task.wait_reason ->> 'isForRoom' = 'true' AND task.status = ${STATUS.WAITING}`;

/**
 * Ends the waits of the first tasks, in the order of the queue, that wait for room in the ECS cluster of this attempt:
 * a launch into it has succeeded, or a container of it has ended. Few are woken, because one container makes room for
 * few; each launch that succeeds wakes the next. Returns how many were woken.
 */
export async function wakeForRoom(db: Kysely<Schema>, attemptId: number, limit = 1): Promise<number> {
  const { rows } = await sql`
    WITH chosen AS (
      SELECT task.id FROM container_attempt seen, task
      JOIN container_attempt waiting ON waiting.task_id = task.id AND waiting.number = task.current_attempt
      WHERE seen.id = ${attemptId} AND seen.location IS NOT NULL AND ${IS_FOR_ROOM} AND task.wake_at > now()
        AND ${clusterOfAttempt('waiting')} IS NOT DISTINCT FROM ${clusterOfAttempt('seen')}
      ORDER BY task.is_prioritized DESC, task.priority, task.id LIMIT ${limit}
      FOR NO KEY UPDATE OF task SKIP LOCKED),
    woken AS (UPDATE task SET ${WAKES} FROM chosen WHERE task.id = chosen.id RETURNING task.id)
    SELECT pg_notify(${WAKE_CHANNEL}, id::text) FROM woken`.execute(db);
  return rows.length;
}

/** An ECS cluster that tasks wait for, with an attempt that leads to it. */
export interface FullCluster extends AttemptCluster {
  readonly id: number;
  /** Equal for attempts of one ECS cluster. */
  readonly key: string;
}

/** Returns each ECS cluster in which tasks wait for room. */
export async function listFullClusters(db: Kysely<Schema>): Promise<FullCluster[]> {
  const { rows } = await sql<FullCluster>`
    SELECT DISTINCT ON (key) waiting.id, waiting.cluster, waiting.location, waiting.task_definition, waiting.arn,
      ${clusterOfAttempt('waiting')}::text AS key
    FROM task JOIN container_attempt waiting ON waiting.task_id = task.id AND waiting.number = task.current_attempt
    WHERE ${IS_FOR_ROOM} AND waiting.location IS NOT NULL
    ORDER BY key, waiting.id`.execute(db);
  return rows;
}
