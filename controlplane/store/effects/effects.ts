import { sql, type Kysely } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import { json } from '../json.ts';
import { EFFECT, STATUS } from '../literals.ts';
import type { Schema } from '../schema.ts';
import type { EffectState } from '../schema/task-tables.ts';
import type { TaskLease } from '../tasks/leases.ts';

export interface NewEffect {
  /** hash(task uuid, scope, name): the same intent has the same key, through crashes and takeovers. */
  readonly key: string;
  readonly name: string;
  readonly scope: string;
  /** The final request as it will be sent; sealed by the caller if any part of it is secret. */
  readonly request: string;
}

export interface KnownEffect {
  readonly state: EffectState;
  /** The request that was stored first, which must be sent instead of the request given now. */
  readonly request: string;
  readonly answer: unknown;
  /** false: this call made the effect, so it has never been sent. */
  readonly existed: boolean;
}

/** Commits an intent before it is sent, or returns the earlier one of its key. null: the lease is lost, or over. */
export async function intendEffect(
  db: Kysely<Schema>,
  lease: TaskLease,
  effect: NewEffect,
): Promise<KnownEffect | null> {
  // FOR SHARE prevents a takeover between this check of the token and the commit.
  const { rows } = await sql<{ made: boolean }>`
    WITH owned AS MATERIALIZED (
      SELECT id FROM task WHERE id = ${lease.id} AND token = ${lease.token} AND status = ${STATUS.PROCESSING} AND lease_until > now() FOR SHARE),
    made AS (
      INSERT INTO effect (key, task_id, name, scope, request)
      SELECT ${effect.key}, id, ${effect.name}, ${effect.scope}, ${effect.request} FROM owned
      ON CONFLICT (key) DO NOTHING RETURNING key)
    SELECT EXISTS (SELECT FROM made) AS made FROM owned`.execute(db);
  const owned = rows[0];
  if (!owned) return null;
  if (owned.made) return { state: 'intended', request: effect.request, answer: null, existed: false };
  const earlier = await findEffect(db, lease.id, effect.key);
  if (!earlier) throw new Error(`effect ${effect.key} of task ${lease.id} belongs to another task`);
  return earlier;
}

export async function findEffect(db: Kysely<Schema>, taskId: TaskId, key: string): Promise<KnownEffect | null> {
  const row = await db
    .selectFrom('effect')
    .select(['state', 'request', 'answer'])
    .where('taskId', '=', taskId)
    .where('key', '=', key)
    .executeTakeFirst();
  return row ? { ...row, existed: true } : null;
}

/**
 * Stores the outcome of an effect. No lease is needed, because an answer is a fact, whichever node received it. The first answer
 * stays; only `unknown` can be replaced by an answer. An answer is progress, so the takeovers of the task are counted anew: nodes
 * that were lost before it do not suggest that the task kills nodes.
 */
export async function settleEffect(
  db: Kysely<Schema>,
  settled: { taskId: TaskId; key: string; state: Exclude<EffectState, 'intended'>; answer: unknown },
): Promise<'settled' | 'already'> {
  const { rows } = await sql<{ taskId: TaskId }>`
    WITH settled AS (
      UPDATE effect SET state = ${settled.state}, answer = ${json(settled.answer)}, settled_at = now()
      WHERE key = ${settled.key} AND task_id = ${settled.taskId} AND state IN (${EFFECT.intended}, ${EFFECT.unknown})
      RETURNING task_id, state),
    progressed AS (
      UPDATE task SET takeovers = 0 FROM settled
      WHERE task.id = settled.task_id AND settled.state <> ${EFFECT.unknown} AND task.takeovers > 0)
    SELECT task_id FROM settled`.execute(db);
  return rows.length === 1 ? 'settled' : 'already';
}
