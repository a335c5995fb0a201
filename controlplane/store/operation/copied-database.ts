import { sql, type Kysely, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import { addSetting, setSetting } from '../settings/settings.ts';
import { DatabaseIdentity, isSameDatabase, readIdentity, type AskRows } from './database-identity.ts';
import { markRestored, type Restored } from './restored.ts';

/** Name in `setting`: the database that this installation lives in. */
const DATABASE = 'database';

/**
 * Compares the database with the one that the installation has lived in. A copy is prepared as a restored dump is, because it
 * lacks what happened in the original since: who made it, and how, makes no difference. Returns what is noted of a copy, once;
 * else null. Every node asks before it works.
 */
export async function noteCopiedDatabase(db: Kysely<Schema>, at: Date): Promise<Restored | null> {
  return db.transaction().execute(async (tx) => {
    const now = await readIdentity(askWithin(tx));
    await addSetting(tx, DATABASE, now);
    // Locked, so that of two nodes that start at once only one notes it.
    const { value, updatedAt } = await tx
      .selectFrom('setting')
      .select(['value', 'updatedAt'])
      .where('name', '=', DATABASE)
      .forUpdate()
      .executeTakeFirstOrThrow();
    if (isSameDatabase(DatabaseIdentity.parse(value), now)) return null;
    await setSetting(tx, DATABASE, now);
    const restored = { at: at.toISOString(), dumpedAt: ((await lastHeartbeat(tx)) ?? updatedAt).toISOString() };
    await markRestored(tx, restored);
    return restored;
  });
}

/** Makes this database the one that the installation lives in. */
export async function adoptDatabase(tx: Transaction<Schema>): Promise<void> {
  await setSetting(tx, DATABASE, await readIdentity(askWithin(tx)));
}

/** Asks within a transaction, for what is sent without values. */
function askWithin(tx: Transaction<Schema>): AskRows {
  return async (text) => (await sql.raw(text).execute(tx)).rows;
}

/** A copy has the heartbeats of nodes as they were when it was made. */
async function lastHeartbeat(tx: Transaction<Schema>): Promise<Date | null> {
  const { last } = await tx
    .selectFrom('node')
    .select((of) => of.fn.max('seenAt').as('last'))
    .executeTakeFirstOrThrow();
  return last;
}
