import { sql, type Kysely } from 'kysely';
import { CAPACITY_CODES } from '../../containers/launch-alarm.ts';
import { STATUS } from '../literals.ts';
import type { Schema } from '../schema.ts';
import { WAKES } from '../tasks/wakes.ts';
import { ANY_TASK, WAKE_CHANNEL } from '../wake-channel.ts';

// Waits for room are not waits for a correction, so only a few of these tasks are woken to try again; each successful launch
// wakes the next.
const MOST_FOR_ROOM = 5;

/**
 * Ends the waits of all tasks that wait for a cluster, or its credentials, to be corrected, and those of the first tasks
 * that wait for room: an operator has changed something that launches depend on. Returns how many were woken.
 */
export async function wakeForCorrection(db: Kysely<Schema>): Promise<number> {
  // The change is announced first: a node that claims a woken task must not use the row of a cluster that it read before the
  // change.
  await sql`SELECT pg_notify(${WAKE_CHANNEL}, ${ANY_TASK})`.execute(db);
  const isForRoom = sql`task.wait_reason ->> 'code' = ANY(${[...CAPACITY_CODES]}::text[])`;
  // The first condition must have the same text as the index task_waits_for_room.
  const waits = sql`task.wait_reason ->> 'isForRoom' = 'true' AND task.status = ${STATUS.WAITING} AND task.wake_at > now()`;
  const { rows } = await sql`
    WITH for_room AS (
      SELECT id FROM task WHERE ${waits} AND ${isForRoom}
      ORDER BY is_prioritized DESC, priority, id LIMIT ${MOST_FOR_ROOM}
      FOR NO KEY UPDATE SKIP LOCKED),
    for_correction AS (
      SELECT id FROM task WHERE ${waits} AND NOT ${isForRoom} ORDER BY id FOR NO KEY UPDATE SKIP LOCKED),
    woken AS (
      UPDATE task SET ${WAKES} WHERE id IN (SELECT id FROM for_room UNION ALL SELECT id FROM for_correction)
      RETURNING id)
    SELECT pg_notify(${WAKE_CHANNEL}, id::text) FROM woken`.execute(db);
  return rows.length;
}
