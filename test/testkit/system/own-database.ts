import { randomBytes } from 'node:crypto';
import { sql, type Kysely, type RawBuilder } from 'kysely';
import { openDatabase } from '../../../controlplane/store/database.ts';
import type { Schema } from '../../../controlplane/store/schema.ts';

type Connection = Kysely<Schema>;

/** A database that one system has for itself on a server. */
export interface OwnDatabase {
  readonly url: string;
  /** Runs `ALTER DATABASE … SET` with this setting. */
  alter(setting: RawBuilder<unknown>): Promise<void>;
  drop(): Promise<void>;
}

const PREFIX = 'wip_testkit_';

/**
 * Makes an empty database, and drops those of test processes that were killed. Each process holds a lock with the name of
 * its database for as long as it lives. Locks belong to the database to which one is connected, so the name has the number
 * of that one, and those of another are left alone.
 */
export async function createOwnDatabase(serverUrl: string): Promise<OwnDatabase> {
  const admin = openDatabase(serverUrl, { poolSize: 1 });
  const made = Promise.withResolvers<string>();
  const end = Promise.withResolvers<void>();
  // One connection for the whole time: its end is the end of its lock.
  const held = admin.db.connection().execute(async (connection) => {
    made.resolve(await createLocked(connection));
    await end.promise;
  });
  held.catch((error: unknown) => made.reject(error));
  const name = await made.promise.catch(async (error: unknown) => {
    await admin.close();
    throw error;
  });
  const others = openDatabase(serverUrl, { poolSize: 1 });
  return {
    url: Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href,
    async alter(setting) {
      await sql`ALTER DATABASE ${sql.raw(name)} SET ${setting}`.execute(others.db);
    },
    async drop() {
      try {
        await sql`DROP DATABASE IF EXISTS ${sql.raw(name)} WITH (FORCE)`.execute(others.db);
      } finally {
        end.resolve();
        await held;
        await Promise.all([admin.close(), others.close()]);
      }
    },
  };
}

async function createLocked(connection: Connection): Promise<string> {
  const found = await sql<{
    oid: string;
  }>`SELECT oid::text FROM pg_database WHERE datname = current_database()`.execute(connection);
  const prefix = `${PREFIX}${found.rows[0]?.oid ?? ''}_`;
  await dropAbandoned(connection, prefix);
  const name = `${prefix}${randomBytes(6).toString('hex')}`;
  await tryLock(connection, name);
  await sql`CREATE DATABASE ${sql.raw(name)}`.execute(connection);
  return name;
}

async function dropAbandoned(connection: Connection, prefix: string): Promise<void> {
  // A living system is connected as well. A pool between us and the server may not keep locks apart.
  const found = await sql<{ name: string }>`
    SELECT datname AS name FROM pg_database
    WHERE starts_with(datname, ${prefix})
      AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE pg_stat_activity.datname = pg_database.datname)
  `.execute(connection);
  for (const { name } of found.rows) {
    if (!(await tryLock(connection, name))) continue;
    // Another process may be dropping it too, or somebody looks into it: the next start tries again.
    await sql`DROP DATABASE IF EXISTS ${sql.raw(name)}`.execute(connection).catch(() => undefined);
    await sql`SELECT pg_advisory_unlock(hashtextextended(${name}, 0))`.execute(connection);
  }
}

async function tryLock(connection: Connection, name: string): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`
    SELECT pg_try_advisory_lock(hashtextextended(${name}, 0)) AS locked
  `.execute(connection);
  return rows[0]?.locked ?? false;
}
