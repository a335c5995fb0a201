import { sql, type Kysely, type Transaction } from 'kysely';
import type { AttemptUuid, CallbackId } from '../../../shared/model/ids.ts';
import { findEffect, intendEffect, type KnownEffect, type NewEffect } from '../effects/effects.ts';
import { jsonText } from '../json-text.ts';
import { LIVE_STATES, STATUS } from '../literals.ts';
import type { AttemptRow, Schema } from '../schema.ts';
import type { LaunchLocation } from '../schema/container-tables.ts';
import type { TaskLease } from '../tasks/leases.ts';

export interface NewAttempt {
  readonly uuid: AttemptUuid;
  /** One more than the task's `attempts` at its claim. */
  readonly number: number;
  readonly cluster: string;
  /** ECS cluster that the row of the cluster names at present. */
  readonly location: LaunchLocation | null;
  /** Why the attempt goes to this cluster, as a sentence. */
  readonly clusterReason?: string | null;
  readonly taskDefinition: string | null;
  readonly callbackId: CallbackId;
  /** Hex SHA-256 of the enrolment secret. */
  readonly secretHash: string;
  /** Hex SHA-256 of the secret of HTTP Basic, for a container without an agent. */
  readonly signalSecretHash?: string | null;
  readonly clientKeySealed: string | null;
  readonly clientPublicKey: string | null;
}

export type LaunchIntent =
  | { readonly kind: 'intended'; readonly effect: KnownEffect; readonly attempt: AttemptRow }
  /** An earlier attempt is neither void nor stopped. The caller must first find out how it ended. */
  | { readonly kind: 'unresolved'; readonly attempt: AttemptRow }
  | { readonly kind: 'lost' }
  /** The row of the cluster was deleted after it was read, so no launch was intended. */
  | { readonly kind: 'cluster-gone' };

/**
 * Returns why no new attempt can be made: this launch was intended before, or an earlier attempt is not resolved. null: nothing
 * prevents it. While the lease holds, no other node adds an attempt, so the answer stays valid until the intent.
 */
export async function recallLaunch(db: Kysely<Schema>, lease: TaskLease, key: string): Promise<LaunchIntent | null> {
  const earlier = await findLaunch(db, lease, key);
  if (!earlier) {
    const unresolved = await findUnresolved(db, lease);
    return unresolved ? { kind: 'unresolved', attempt: unresolved } : null;
  }
  const effect = await findEffect(db, lease.id, key);
  if (!effect) throw new Error(`the launch effect of container attempt ${earlier.uuid} is gone`);
  return (await isOwner(db, lease)) ? { kind: 'intended', effect, attempt: earlier } : { kind: 'lost' };
}

/**
 * Commits a container attempt together with its launch effect, before anything is sent. From then on it is the task's
 * current attempt. The same effect again returns the first attempt and its request (`effect.existed`).
 */
export async function intendLaunch(
  db: Kysely<Schema>,
  lease: TaskLease,
  launch: { effect: NewEffect; attempt: NewAttempt },
): Promise<LaunchIntent> {
  return db.transaction().execute(async (tx) => {
    const earlier = await findLaunch(tx, lease, launch.effect.key);
    const unresolved = earlier ? undefined : await findUnresolved(tx, lease);
    if (unresolved) return { kind: 'unresolved', attempt: unresolved };
    if (launch.attempt.location && !(await holdCluster(tx, launch.attempt.cluster))) return { kind: 'cluster-gone' };
    const effect = await intendEffect(tx, lease, launch.effect);
    if (!effect) return { kind: 'lost' };
    if (earlier) return { kind: 'intended', effect, attempt: earlier };
    return { kind: 'intended', effect, attempt: await insertAttempt(tx, lease, launch) };
  });
}

async function insertAttempt(
  tx: Transaction<Schema>,
  lease: TaskLease,
  launch: { effect: NewEffect; attempt: NewAttempt },
): Promise<AttemptRow> {
  const { attempt, effect } = launch;
  const row = await tx
    .insertInto('containerAttempt')
    .values({
      ...attempt,
      location: attempt.location && jsonText(attempt.location),
      taskId: lease.id,
      launchKey: effect.key,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await sql`UPDATE task SET attempts = ${attempt.number}, current_attempt = ${attempt.number}
    WHERE id = ${lease.id}`.execute(tx);
  return row;
}

/** Locks the row of the cluster, so that nobody deletes it before the intent is committed. A later delete sees the attempt. */
async function holdCluster(tx: Transaction<Schema>, name: string): Promise<boolean> {
  const { rows } = await sql`SELECT FROM ecs_cluster WHERE name = ${name} FOR KEY SHARE`.execute(tx);
  return rows.length > 0;
}

async function isOwner(db: Kysely<Schema>, lease: TaskLease): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM task WHERE id = ${lease.id} AND token = ${lease.token} AND status = ${STATUS.PROCESSING} AND lease_until > now()`.execute(
    db,
  );
  return rows.length > 0;
}

async function findLaunch(tx: Kysely<Schema>, lease: TaskLease, key: string): Promise<AttemptRow | undefined> {
  return tx
    .selectFrom('containerAttempt')
    .selectAll()
    .where('taskId', '=', lease.id)
    .where('launchKey', '=', key)
    .executeTakeFirst();
}

async function findUnresolved(tx: Kysely<Schema>, lease: TaskLease): Promise<AttemptRow | undefined> {
  return tx
    .selectFrom('containerAttempt')
    .selectAll()
    .where('taskId', '=', lease.id)
    .where('state', 'in', LIVE_STATES)
    .executeTakeFirst();
}
