import { chmod, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { createClosers, type Closers } from '../../../controlplane/node/closers.ts';
import { startEmbeddedPostgres } from '../../../controlplane/postgres/embedded-postgres.ts';
import { openDatabase } from '../../../controlplane/store/database.ts';
import { migrate } from '../../../controlplane/store/migrate.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { messageOf } from '../../../shared/model/error.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import type { Log } from '../../../shared/system/log.ts';
import { TestkitError } from '../testkit-error.ts';
import { hurryDatabase, SEARCH_PATH, type HurriedTime } from './hurried-time.ts';
import { createOwnDatabase } from './own-database.ts';

export interface WipDatabase {
  readonly url: string;
  readonly db: Db;
  close(): Promise<void>;
}

export interface WipDatabaseOptions {
  /** Directory of the system: the embedded server lives in `db` below it. */
  readonly directory: string;
  /** A server that is there; null starts an embedded one. */
  readonly serverUrl: string | null;
  readonly connections: number;
  readonly time: HurriedTime;
  readonly log: Log;
}

// Connections of the test kit itself, beside those of the nodes.
const POOL = 4;

/** Makes a migrated database of its own, on an embedded server or on the given one. */
export async function startWipDatabase(options: WipDatabaseOptions): Promise<WipDatabase> {
  const server = await startServer(options);
  const closers = createClosers();
  closers.add('server', () => server.close());
  try {
    return await makeDatabase(server.url, options, closers);
  } catch (error) {
    await closers.closeAll().catch(() => undefined); // the first error is the one to hear of
    throw options.serverUrl === null ? error : unusable(options.serverUrl, error);
  }
}

async function makeDatabase(serverUrl: string, options: WipDatabaseOptions, closers: Closers): Promise<WipDatabase> {
  const own = await createOwnDatabase(serverUrl);
  closers.add('the database of its own', () => own.drop());
  await own.alter(sql`synchronous_commit TO off`); // the server outlives every node
  const { speed } = options.time;
  if (speed !== 1) await own.alter(sql`search_path TO ${sql.raw(SEARCH_PATH)}`);
  const { db, close } = openDatabase(own.url, { poolSize: POOL });
  closers.add('connections', () => close());
  if (speed !== 1) await hurryDatabase(db, options.time);
  await migrate(db);
  return { url: own.url, db, close: () => closers.closeAll() };
}

function unusable(serverUrl: string, error: unknown): TestkitError {
  const { host } = new URL(serverUrl); // without the password
  return new TestkitError(
    `databaseUrl: no database can be made on the PostgreSQL server ${host}: ${messageOf(error)}`,
    { cause: error },
  );
}

async function startServer(options: WipDatabaseOptions): Promise<{ url: string; close(): Promise<void> }> {
  if (options.serverUrl !== null) return { url: options.serverUrl, close: () => Promise.resolve() };
  const directory = path.join(options.directory, 'db');
  await mkdir(directory);
  // Started by root, the server runs as another user, who must pass through.
  await chmod(directory, 0o711);
  const { connections, log } = options;
  const server = await startEmbeddedPostgres({ directory, connections, log, clock: systemClock, isTemporary: true });
  return {
    url: server.url,
    async close() {
      await server.close();
      // Elsewhere when that user cannot get below the directory.
      await rm(path.dirname(server.dataDirectory), { recursive: true, force: true });
    },
  };
}
