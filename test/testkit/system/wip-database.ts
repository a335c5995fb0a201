import { randomBytes } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { startEmbeddedPostgres } from '../../../controlplane/postgres/embedded-postgres.ts';
import { openDatabase } from '../../../controlplane/store/database.ts';
import { migrate } from '../../../controlplane/store/migrate.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { systemClock } from '../../../shared/support/clock.ts';
import type { Log } from '../../../shared/support/log.ts';
import { hurryDatabase, SEARCH_PATH, type HurriedTime } from './hurried-time.ts';

export interface WipDatabase {
  readonly url: string;
  readonly db: Db;
  close(): Promise<void>;
}

export interface WipDatabaseOptions {
  /** Of the system: the embedded server lives in `db` below it. */
  readonly directory: string;
  /** A server that is there; null starts an embedded one. */
  readonly serverUrl: string | null;
  readonly connections: number;
  readonly time: HurriedTime;
  readonly log: Log;
}

// Of the test kit itself, beside those of the nodes.
const POOL = 4;

/** Makes a migrated database of its own, on an embedded server or on the given one. */
export async function startWipDatabase(options: WipDatabaseOptions): Promise<WipDatabase> {
  const server = await startServer(options);
  try {
    const name = `wip_testkit_${randomBytes(6).toString('hex')}`;
    const admin = openDatabase(server.url, { poolSize: 1 });
    await sql`CREATE DATABASE ${sql.raw(name)}`.execute(admin.db);
    await prepare(admin.db, name, options.time);
    const url = Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
    const { db, close } = openDatabase(url, { poolSize: POOL });
    if (options.time.speed !== 1) await hurryDatabase(db, options.time);
    await migrate(db);
    return {
      url,
      db,
      async close() {
        await close();
        await sql`DROP DATABASE ${sql.raw(name)} WITH (FORCE)`.execute(admin.db);
        await admin.close();
        await server.close();
      },
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function prepare(admin: Db, name: string, { speed }: HurriedTime): Promise<void> {
  // The server outlives every node, so acknowledged commits need not be on the disk.
  await sql`ALTER DATABASE ${sql.raw(name)} SET synchronous_commit TO off`.execute(admin);
  if (speed === 1) return;
  await sql`ALTER DATABASE ${sql.raw(name)} SET search_path TO ${sql.raw(SEARCH_PATH)}`.execute(admin);
}

async function startServer(options: WipDatabaseOptions): Promise<{ url: string; close(): Promise<void> }> {
  if (options.serverUrl !== null) return { url: options.serverUrl, close: () => Promise.resolve() };
  const directory = path.join(options.directory, 'db');
  await mkdir(directory);
  // Started by root, the server runs as another user, who must pass through.
  await chmod(directory, 0o711);
  const { connections, log } = options;
  return startEmbeddedPostgres({ directory, connections, log, clock: systemClock, isTemporary: true });
}
