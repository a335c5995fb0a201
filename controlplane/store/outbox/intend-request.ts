import { sql, type Kysely } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import { intendEffect, type KnownEffect, type NewEffect } from '../effects/effects.ts';
import type { EffectState, Schema } from '../schema.ts';
import type { Fence } from '../tasks/begin-step.ts';

export interface NewRequest {
  readonly effect: NewEffect;
  /** Whether it may be sent again when nobody knows whether it arrived. */
  readonly isRepeatable: boolean;
  /** From now on, how long it is tried. */
  readonly giveUpAfterSeconds: number;
}

/** Commits a request to be sent, or finds its earlier self. null: fenced, or the lease is over. */
export async function intendRequest(
  db: Kysely<Schema>,
  fence: Fence,
  { effect, isRepeatable, giveUpAfterSeconds }: NewRequest,
): Promise<KnownEffect | null> {
  return db.transaction().execute(async (tx) => {
    const known = await intendEffect(tx, fence, effect);
    if (known && !known.existed) {
      await sql`INSERT INTO outbox (effect_key, task_id, is_repeatable, give_up_at)
        VALUES (${effect.key}, ${fence.id}, ${isRepeatable}, now() + make_interval(secs => ${giveUpAfterSeconds}))`.execute(
        tx,
      );
    }
    return known;
  });
}

export interface KnownRequest {
  readonly state: EffectState;
  readonly answer: unknown;
  /** How often it was tried so far; 0 also when it is settled. */
  readonly tries: number;
  /** Why the last try was not the last one. */
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
