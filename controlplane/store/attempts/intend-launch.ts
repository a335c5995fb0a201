import { sql, type Kysely, type Transaction } from 'kysely';
import type { AttemptUuid, CallbackId } from '../../../shared/model/ids.ts';
import { findEffect, intendEffect, type KnownEffect, type NewEffect } from '../effects/effects.ts';
import { jsonText } from '../json.ts';
import type { AttemptRow, JsonObject, Schema } from '../schema.ts';
import type { Fence } from '../tasks/begin-step.ts';

export interface NewAttempt {
  readonly uuid: AttemptUuid;
  /** One more than the task's `attempts` when it was claimed. */
  readonly number: number;
  readonly cluster: string;
  /** Which ECS cluster its row means now. */
  readonly location: JsonObject | null;
  readonly taskDefinition: string | null;
  readonly callbackId: CallbackId;
  /** Hex SHA-256 of the enrolment secret. */
  readonly secretHash: string;
  readonly clientKeySealed: string | null;
  readonly clientPublicKey: string | null;
}

export type LaunchIntent =
  | { readonly kind: 'intended'; readonly effect: KnownEffect; readonly attempt: AttemptRow }
  /** An earlier attempt is neither void nor stopped: find out what became of it first. */
  | { readonly kind: 'unresolved'; readonly attempt: AttemptRow }
  | { readonly kind: 'fenced' }
  /** The row of the cluster was deleted since it was read: nothing was intended. */
  | { readonly kind: 'cluster-gone' };

/**
 * What stands in the way of a new attempt: this very launch was intended before, or an earlier attempt is not resolved.
 * null: nothing. While the fence holds nobody else adds an attempt, so the answer is good until the intent.
 */
export async function recallLaunch(db: Kysely<Schema>, fence: Fence, key: string): Promise<LaunchIntent | null> {
  const earlier = await findLaunch(db, fence, key);
  if (!earlier) {
    const unresolved = await findUnresolved(db, fence);
    return unresolved ? { kind: 'unresolved', attempt: unresolved } : null;
  }
  const effect = await findEffect(db, fence.id, key);
  if (!effect) throw new Error(`the launch effect of container attempt ${earlier.uuid} is gone`);
  return (await isOwner(db, fence)) ? { kind: 'intended', effect, attempt: earlier } : { kind: 'fenced' };
}

/**
 * Commits a container attempt together with its launch effect, before anything is sent; from then on it is the
 * task's current attempt. The same effect again answers the first attempt and its request (`effect.existed`).
 */
export async function intendLaunch(
  db: Kysely<Schema>,
  fence: Fence,
  launch: { effect: NewEffect; attempt: NewAttempt },
): Promise<LaunchIntent> {
  return db.transaction().execute(async (tx) => {
    const earlier = await findLaunch(tx, fence, launch.effect.key);
    const unresolved = earlier ? undefined : await findUnresolved(tx, fence);
    if (unresolved) return { kind: 'unresolved', attempt: unresolved };
    if (launch.attempt.location && !(await holdCluster(tx, launch.attempt.cluster))) return { kind: 'cluster-gone' };
    const effect = await intendEffect(tx, fence, launch.effect);
    if (!effect) return { kind: 'fenced' };
    if (earlier) return { kind: 'intended', effect, attempt: earlier };
    return { kind: 'intended', effect, attempt: await insertAttempt(tx, fence, launch) };
  });
}

async function insertAttempt(
  tx: Transaction<Schema>,
  fence: Fence,
  launch: { effect: NewEffect; attempt: NewAttempt },
): Promise<AttemptRow> {
  const { attempt, effect } = launch;
  const row = await tx
    .insertInto('containerAttempt')
    .values({
      ...attempt,
      location: attempt.location && jsonText(attempt.location),
      taskId: fence.id,
      launchKey: effect.key,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await sql`UPDATE task SET attempts = ${attempt.number}, current_attempt = ${attempt.number}
    WHERE id = ${fence.id}`.execute(tx);
  return row;
}

/** Until the intent is committed nobody deletes the row of its cluster; whoever deletes it sees the attempt. */
async function holdCluster(tx: Transaction<Schema>, name: string): Promise<boolean> {
  const { rows } = await sql`SELECT FROM ecs_cluster WHERE name = ${name} FOR KEY SHARE`.execute(tx);
  return rows.length > 0;
}

async function isOwner(db: Kysely<Schema>, fence: Fence): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM task WHERE id = ${fence.id} AND token = ${fence.token} AND status = 2 AND lease_until > now()`.execute(
    db,
  );
  return rows.length > 0;
}

async function findLaunch(tx: Kysely<Schema>, fence: Fence, key: string): Promise<AttemptRow | undefined> {
  return tx
    .selectFrom('containerAttempt')
    .selectAll()
    .where('taskId', '=', fence.id)
    .where('launchKey', '=', key)
    .executeTakeFirst();
}

async function findUnresolved(tx: Kysely<Schema>, fence: Fence): Promise<AttemptRow | undefined> {
  return tx
    .selectFrom('containerAttempt')
    .selectAll()
    .where('taskId', '=', fence.id)
    .where('state', 'in', ['intended', 'launched'])
    .executeTakeFirst();
}
