import { sql, type Kysely, type Transaction } from 'kysely';
import { z } from 'zod';
import type { Schema } from '../schema.ts';
import { addSetting, setSetting } from '../settings/settings.ts';
import { markRestored, type Restored } from './restored.ts';

/** Name in `setting`: the database that this installation lives in. */
const DATABASE = 'database';

/**
 * What tells a database from its copies. initdb gives each server a number, and each database has its own on a server: what pg_dump
 * and pg_restore, CREATE DATABASE … TEMPLATE or a logical replica made differs in one of them. A copy of the server's files, such
 * as a snapshot or a standby, does not differ.
 */
const DatabaseIdentity = z.object({
  /** Null where this user may not read it. */
  server: z.string().nullable(),
  database: z.string(),
});
type DatabaseIdentity = z.infer<typeof DatabaseIdentity>;

/**
 * Compares the database with the one that the installation has lived in. A copy is prepared as a restored dump is, because it
 * lacks what happened in the original since: who made it, and how, makes no difference. Returns what is noted of a copy, once;
 * else null. Every node asks before it works.
 */
export async function noteCopiedDatabase(db: Kysely<Schema>, at: Date): Promise<Restored | null> {
  return db.transaction().execute(async (tx) => {
    const now = await readIdentity(tx);
    await addSetting(tx, DATABASE, now);
    // Locked, so that of two nodes that start at once only one notes it.
    const { value, updatedAt } = await tx
      .selectFrom('setting')
      .select(['value', 'updatedAt'])
      .where('name', '=', DATABASE)
      .forUpdate()
      .executeTakeFirstOrThrow();
    if (isSame(DatabaseIdentity.parse(value), now)) return null;
    await setSetting(tx, DATABASE, now);
    const restored = { at: at.toISOString(), dumpedAt: ((await lastHeartbeat(tx)) ?? updatedAt).toISOString() };
    await markRestored(tx, restored);
    return restored;
  });
}

/** Makes this database the one that the installation lives in. */
export async function adoptDatabase(tx: Transaction<Schema>): Promise<void> {
  await setSetting(tx, DATABASE, await readIdentity(tx));
}

async function readIdentity(tx: Transaction<Schema>): Promise<DatabaseIdentity> {
  const { rows } = await sql<{ database: string; mayAsk: boolean }>`
    SELECT oid::text AS database, has_function_privilege('pg_control_system()', 'EXECUTE') AS may_ask
    FROM pg_database WHERE datname = current_database()`.execute(tx);
  const { database, mayAsk } = rows[0]!;
  if (!mayAsk) return { server: null, database };
  const asked = await sql<{ server: string }>`
    SELECT system_identifier::text AS server FROM pg_control_system()`.execute(tx);
  return { server: asked.rows[0]?.server ?? null, database };
}

function isSame(before: DatabaseIdentity, now: DatabaseIdentity): boolean {
  const isSameServer = before.server === null || now.server === null || before.server === now.server;
  return isSameServer && before.database === now.database;
}

/** A copy has the heartbeats of nodes as they were when it was made. */
async function lastHeartbeat(tx: Transaction<Schema>): Promise<Date | null> {
  const { last } = await tx
    .selectFrom('node')
    .select((of) => of.fn.max('seenAt').as('last'))
    .executeTakeFirstOrThrow();
  return last;
}
