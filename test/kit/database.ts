import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { openDatabase, type Database } from '../../controlplane/store/database.ts';
import { startEmbeddedPostgres } from '../../controlplane/store/embedded-postgres.ts';
import { migrate } from '../../controlplane/store/migrate.ts';
import { systemClock } from '../../shared/support/clock.ts';
import { RecordingLog } from './recording-log.ts';

export interface TestDatabase extends Database {
  readonly url: string;
}

export interface TestDatabases {
  /** A migrated database that nothing else uses. */
  fresh(poolSize?: number): Promise<TestDatabase>;
  close(): Promise<void>;
}

/**
 * A server whose databases the tests make: an embedded one in a temporary directory, or, to prove the same of an
 * external one, the server that WIP_TEST_DATABASE_URL names (its user must be allowed to create databases).
 */
export async function startTestDatabases(): Promise<TestDatabases> {
  const server = await startServer();
  // Unique, because an external server may serve several runs at once.
  const prefix = `wip_test_${randomBytes(4).toString('hex')}`;
  const template = await makeDatabase(server.url, prefix, null);
  const pool = openDatabase(template, { poolSize: 1 });
  await migrate(pool.db);
  await pool.close();
  const opened = new Set<Database>();
  const names = [prefix];
  return {
    async fresh(poolSize = 16) {
      const name = `${prefix}_${names.length}`;
      names.push(name);
      const url = await makeDatabase(server.url, name, prefix);
      const database = openDatabase(url, { poolSize });
      opened.add(database);
      return {
        url,
        db: database.db,
        async close() {
          if (opened.delete(database)) await database.close();
        },
      };
    },
    async close() {
      await Promise.all([...opened].map((database) => database.close()));
      await server.close(names);
    },
  };
}

async function startServer(): Promise<{ url: string; close: (databases: string[]) => Promise<void> }> {
  const external = process.env['WIP_TEST_DATABASE_URL'];
  if (external) {
    return {
      url: external,
      close: (names) =>
        administer(
          external,
          names.map((name) => `DROP DATABASE ${name} WITH (FORCE)`),
        ),
    };
  }
  const directory = await makeServerDirectory();
  const server = await startEmbeddedPostgres({ directory, log: new RecordingLog(), clock: systemClock });
  return {
    url: server.url,
    async close() {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** As root the server runs as another user, who must get through: mkdtemp makes directories that only we enter. */
export async function makeServerDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'wip-test-db-'));
  await chmod(directory, 0o711);
  return directory;
}

/** Copying a migrated database takes a fifth of the time that migrating an empty one does. */
async function makeDatabase(serverUrl: string, name: string, template: string | null): Promise<string> {
  await administer(serverUrl, [`CREATE DATABASE ${name} ${template ? `TEMPLATE ${template}` : ''}`]);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function administer(serverUrl: string, statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** For a test file: the server lives as long as the file, each database as long as the test that took it. */
export function useTestDatabases(): { fresh(poolSize?: number): Promise<TestDatabase> } {
  let databases: TestDatabases | undefined;
  beforeAll(async () => {
    databases = await startTestDatabases();
  });
  afterAll(async () => {
    await databases?.close();
  });
  return {
    async fresh(poolSize) {
      const database = await databases!.fresh(poolSize);
      onTestFinished(() => database.close());
      return database;
    },
  };
}
