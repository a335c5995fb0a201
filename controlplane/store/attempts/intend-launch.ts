import { sql, type Kysely, type Transaction } from 'kysely';
import type { AttemptUuid, CallbackId } from '../../../shared/model/ids.ts';
import { intendEffect, type KnownEffect, type NewEffect } from '../effects/effects.ts';
import type { AttemptRow, Schema } from '../schema.ts';
import type { Fence } from '../tasks/begin-step.ts';

export interface NewAttempt {
  readonly uuid: AttemptUuid;
  /** One more than the task's `attempts` when it was claimed. */
  readonly number: number;
  readonly cluster: string;
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
  | { readonly kind: 'fenced' };

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
    .values({ ...attempt, taskId: fence.id, launchKey: effect.key })
    .returningAll()
    .executeTakeFirstOrThrow();
  await sql`UPDATE task SET attempts = ${attempt.number}, current_attempt = ${attempt.number}
    WHERE id = ${fence.id}`.execute(tx);
  return row;
}

async function findLaunch(tx: Transaction<Schema>, fence: Fence, key: string): Promise<AttemptRow | undefined> {
  return tx
    .selectFrom('containerAttempt')
    .selectAll()
    .where('taskId', '=', fence.id)
    .where('launchKey', '=', key)
    .executeTakeFirst();
}

async function findUnresolved(tx: Transaction<Schema>, fence: Fence): Promise<AttemptRow | undefined> {
  return tx
    .selectFrom('containerAttempt')
    .selectAll()
    .where('taskId', '=', fence.id)
    .where('state', 'in', ['intended', 'launched'])
    .executeTakeFirst();
}
