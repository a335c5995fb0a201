import { sql, type Kysely } from 'kysely';
import { STATUS } from '../literals.ts';
import type { Schema } from '../schema.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { WAKE_CHANNEL } from '../wake-channel.ts';

/**
 * A task as one node has claimed it. Each claim raises the token, and each write of a step names it: a node that has
 * lost its task finds no such row and writes nothing.
 */
export interface TaskLease {
  readonly id: TaskId;
  readonly token: number;
}

/**
 * Extends the leases of the tasks that the node works on, and returns those it still owns; the others are lost to it. Only tasks
 * in `held` are extended. The leases of claims whose answer was lost, and of tasks that an earlier process of the same name left
 * behind, must run out, so that the tasks can be taken over. Without `held` every task with the node's name is extended.
 */
export async function renewLeases(
  db: Kysely<Schema>,
  node: string,
  leaseSeconds: number,
  held?: readonly TaskLease[],
): Promise<TaskLease[]> {
  if (held?.length === 0) return [];
  const pairs = held && JSON.stringify(held.map(({ id, token }) => ({ id, token })));
  const isHeld = pairs
    ? sql`(id, token) IN (SELECT id, token FROM jsonb_to_recordset(${pairs}::jsonb) AS held (id bigint, token bigint))`
    : sql`true`;
  const { rows } = await sql<TaskLease>`
    UPDATE task SET lease_until = now() + make_interval(secs => ${leaseSeconds})
    WHERE owner = ${node} AND status = ${STATUS.PROCESSING} AND ${isHeld} RETURNING id, token`.execute(db);
  return rows;
}

/**
 * Releases every task of the node, so that other nodes can claim them at once. The token is raised, so that a later save of this
 * node writes nothing. The next node enters a state again that was being entered.
 */
export async function releaseTasks(db: Kysely<Schema>, node: string): Promise<number> {
  const { rows } = await sql`
    WITH released AS (
      UPDATE task SET status = ${STATUS.WAITING}, wake_at = now(), token = token + 1, owner = NULL, lease_until = NULL
      WHERE owner = ${node} AND status = ${STATUS.PROCESSING} RETURNING id)
    SELECT pg_notify(${WAKE_CHANNEL}, id::text) FROM released`.execute(db);
  return rows.length;
}

/** Releases one task, as releaseTasks does, when the node cannot go on with it now. */
export async function releaseTask(
  db: Kysely<Schema>,
  lease: TaskLease,
  afterSeconds: number,
): Promise<'released' | 'lost'> {
  const { numAffectedRows } = await sql`
    UPDATE task SET status = ${STATUS.WAITING}, wake_at = now() + make_interval(secs => ${afterSeconds}), token = token + 1,
      owner = NULL, lease_until = NULL
    WHERE id = ${lease.id} AND token = ${lease.token} AND status = ${STATUS.PROCESSING}`.execute(db);
  return numAffectedRows === 1n ? 'released' : 'lost';
}

/**
 * Uncounts a takeover: a node that notices the loss of its task is alive, so the task did not kill it. The count never falls
 * below zero, and does not change while the lease still holds.
 */
export async function uncountTakeover(db: Kysely<Schema>, lost: TaskLease): Promise<void> {
  await sql`
    UPDATE task SET takeovers = takeovers - 1
    WHERE id = ${lost.id} AND token > ${lost.token} AND takeovers > 0`.execute(db);
}

/** Returns how often the task was taken over by now; null when the lease no longer holds. */
export async function countTakeovers(db: Kysely<Schema>, lease: TaskLease): Promise<number | null> {
  const row = await db
    .selectFrom('task')
    .select('takeovers')
    .where('id', '=', lease.id)
    .where('token', '=', lease.token)
    .executeTakeFirst();
  return row?.takeovers ?? null;
}
