import { sql, type Kysely, type RawBuilder, type Transaction } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import { intendEffect, settleEffect, type KnownEffect, type NewEffect } from '../effects/effects.ts';
import { json } from '../json.ts';
import { cleanText } from '../json-text.ts';
import { STATUS } from '../literals.ts';
import type { EffectState } from '../schema/task-tables.ts';
import type { Schema } from '../schema.ts';
import type { TaskLease } from '../tasks/leases.ts';
import { HAS_WOKEN, WAKES } from '../tasks/wakes.ts';

export interface NewRequest {
  readonly effect: NewEffect;
  /** Whether the request may be sent again when no one knows whether it arrived. */
  readonly isRepeatable: boolean;
  /** Seconds from now after which the request is no longer tried. */
  readonly giveUpAfterSeconds: number;
  /** Requests of a task in one lane are sent one after the other; null: whenever they are due. */
  readonly lane: string | null;
}

/** Commits a request to be sent, or returns the earlier one of its key. null: the lease is lost, or over. */
export async function intendRequest(
  db: Kysely<Schema>,
  lease: TaskLease,
  { effect, isRepeatable, giveUpAfterSeconds, lane }: NewRequest,
): Promise<KnownEffect | null> {
  return db.transaction().execute(async (tx) => {
    const known = await intendEffect(tx, lease, effect);
    if (known && !known.existed) {
      await sql`INSERT INTO outbox (effect_key, task_id, is_repeatable, give_up_at, lane)
        VALUES (${effect.key}, ${lease.id}, ${isRepeatable}, now() + make_interval(secs => ${giveUpAfterSeconds}), ${lane})`.execute(
        tx,
      );
    }
    return known;
  });
}

/** Commits requests to be sent, in their order, within a transaction of the caller's that holds the lock of the task's row. */
export async function insertRequests(
  tx: Transaction<Schema>,
  taskId: TaskId,
  requests: readonly NewRequest[],
): Promise<void> {
  if (requests.length === 0) return;
  const parts = intents(sql`owner`, requests);
  await sql`WITH owner AS (SELECT ${taskId}::bigint AS id), ${sql.join(parts)} SELECT FROM owner`.execute(tx);
}

/** Parts of a WITH that commit requests, in their order, for the task whose id `owner` has; none when it is empty. */
export function intents(owner: RawBuilder<unknown>, requests: readonly NewRequest[]): RawBuilder<unknown>[] {
  const rows = requests.map(({ effect, ...rest }, nth) => ({ ...effect, ...rest, nth }));
  return [
    sql`given AS (
      SELECT ${owner}.id AS task_id, given.* FROM ${owner}, jsonb_to_recordset(${json(rows)}) AS given (key text, name text,
        scope text, request text, "isRepeatable" boolean, "giveUpAfterSeconds" float8, lane text, nth integer))`,
    sql`intended AS (INSERT INTO effect (key, task_id, name, scope, request) SELECT key, task_id, name, scope, request FROM given)`,
    sql`queued AS (
      INSERT INTO outbox (effect_key, task_id, is_repeatable, give_up_at, lane)
      SELECT key, task_id, "isRepeatable", now() + make_interval(secs => "giveUpAfterSeconds"), lane FROM given ORDER BY given.nth)`,
  ];
}

export interface KnownRequest {
  readonly state: EffectState;
  readonly answer: unknown;
  /** Number of tries so far; 0 also when the request is settled. */
  readonly tries: number;
  /** Error of the last try, after which another follows. */
  readonly lastError: string | null;
}

export async function findRequest(db: Kysely<Schema>, taskId: TaskId, key: string): Promise<KnownRequest | null> {
  const row = await db
    .selectFrom('effect')
    .leftJoin('outbox', 'outbox.effectKey', 'effect.key')
    .select(['effect.state', 'effect.answer', 'outbox.tries', 'outbox.lastError'])
    .where('effect.taskId', '=', taskId)
    .where('effect.key', '=', key)
    .executeTakeFirst();
  return row ? { ...row, tries: row.tries ?? 0, lastError: row.lastError } : null;
}

/** A request that this node alone tries for a while. */
export interface DueRequest {
  readonly effectKey: string;
  readonly taskId: TaskId;
  readonly name: string;
  /** Sealed, as stored by the intent. */
  readonly request: string;
  readonly isRepeatable: boolean;
  /** Number of tries, this one included. A report on a try names its number, so that a late one writes nothing. */
  readonly tries: number;
  /** The outcome of an earlier try is unknown: its node died, or took too long. */
  readonly wasAbandoned: boolean;
  /** The request's time is over with this try. */
  readonly isLast: boolean;
}

/**
 * Takes due requests, the longest due first, each for a limited time. Two nodes never get the same one. Of a lane only the
 * first is due: its next one waits until it is settled.
 */
export async function takeDueRequests(
  db: Kysely<Schema>,
  { limit, holdSeconds }: { limit: number; holdSeconds: number },
): Promise<DueRequest[]> {
  const { rows } = await sql<DueRequest>`
    WITH due AS MATERIALIZED (
      SELECT effect_key, trying_since IS NOT NULL AS was_abandoned FROM outbox
      WHERE due_at <= now() AND (lane IS NULL OR NOT EXISTS (
        SELECT FROM outbox earlier WHERE earlier.task_id = outbox.task_id AND earlier.lane = outbox.lane AND earlier.nth < outbox.nth))
      ORDER BY due_at, nth LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    UPDATE outbox SET tries = tries + 1, trying_since = now(), due_at = now() + make_interval(secs => ${holdSeconds})
    FROM due JOIN effect ON effect.key = due.effect_key
    WHERE outbox.effect_key = due.effect_key
    RETURNING outbox.effect_key, outbox.task_id, effect.name, effect.request, is_repeatable, tries, was_abandoned,
      give_up_at <= now() AS is_last`.execute(db);
  return rows;
}

/** Postpones the next try of a request. Changes nothing when another node has taken it meanwhile. */
export async function postponeRequest(
  db: Kysely<Schema>,
  { effectKey, tries }: Pick<DueRequest, 'effectKey' | 'tries'>,
  next: { afterSeconds: number; error: string },
): Promise<void> {
  await sql`UPDATE outbox SET trying_since = NULL, last_error = ${cleanText(next.error)},
      due_at = least(now() + make_interval(secs => ${next.afterSeconds}), greatest(give_up_at, now()))
    WHERE effect_key = ${effectKey} AND tries = ${tries}`.execute(db);
}

export interface SettledRequest {
  readonly effectKey: string;
  readonly taskId: TaskId;
  readonly state: Exclude<EffectState, 'intended'>;
  readonly answer: unknown;
  /** Entry for the task's log. */
  readonly log: { readonly level: number; readonly message: string };
}

/**
 * Saves the outcome of a request, once, and wakes its task. It needs no lease: an answer is a fact, whichever node received it.
 * `hasWoken`: the task slept and is runnable now; the caller notifies the nodes.
 */
export async function settleRequest(db: Kysely<Schema>, settled: SettledRequest): Promise<{ hasWoken: boolean }> {
  return db.transaction().execute(async (tx) => {
    await sql`DELETE FROM outbox WHERE effect_key = ${settled.effectKey}`.execute(tx);
    const { taskId, state, answer } = settled;
    const outcome = await settleEffect(tx, { taskId, key: settled.effectKey, state, answer });
    if (outcome === 'already') return { hasWoken: false };
    const { rows } = await sql<{ hasWoken: boolean }>`
      WITH logged AS (
        INSERT INTO task_log (task_id, level, message, is_user_readable)
        VALUES (${taskId}, ${settled.log.level}, ${cleanText(settled.log.message)}, false)),
      woken AS (UPDATE task SET ${WAKES} WHERE id = ${taskId} AND status <> ${STATUS.COMPLETE} RETURNING status, wake_at)
      SELECT EXISTS (SELECT FROM woken WHERE ${HAS_WOKEN}) AS has_woken`.execute(tx);
    return { hasWoken: rows[0]?.hasWoken ?? false };
  });
}

export interface OutboxSummary {
  /** Number of requests that are not settled. */
  readonly requests: number;
  /** Seconds since the oldest of them was stored; 0 when there is none. */
  readonly oldestSeconds: number;
}

export async function summariseOutbox(db: Kysely<Schema>): Promise<OutboxSummary> {
  const { rows } = await sql<OutboxSummary>`
    SELECT count(*)::int AS requests,
      coalesce(extract(epoch FROM now() - min(effect.created_at)), 0)::float8 AS oldest_seconds
    FROM outbox JOIN effect ON effect.key = outbox.effect_key`.execute(db);
  return rows[0] ?? { requests: 0, oldestSeconds: 0 };
}
