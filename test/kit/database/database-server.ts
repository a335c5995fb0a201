import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../../controlplane/postgres/embedded-postgres.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { openDatabase } from '../../../controlplane/store/database.ts';
import { migrate } from '../../../controlplane/store/migrate.ts';
import { startOrphanGuard } from '../../testkit/system/orphan-guard.ts';
import { memoryDirectory } from './memory-directory.ts';
import { RecordingLog } from '../recording-log.ts';

/** Names the server on which tests make their databases. Several, a space apart, are one for each worker. */
const URL_VARIABLE = 'WIP_TEST_DATABASE_URL';
/** Names the migrated database of each server, when there is one already. */
const TEMPLATE_VARIABLE = 'WIP_TEST_TEMPLATE';
const TEMPLATE = 'wip_test_template';

export interface DatabaseServer {
  readonly url: string;
  /** A migrated database to copy, which stays; undefined: each file makes its own. */
  readonly template: string | undefined;
  /** `databases`: databases that the tests have made and that are dropped. */
  close(databases: readonly string[]): Promise<void>;
}

/**
 * Returns the server of WIP_TEST_DATABASE_URL (its user must be allowed to create databases), or an embedded one in a
 * temporary directory.
 */
export async function findServer(): Promise<DatabaseServer> {
  const urls = (process.env[URL_VARIABLE] ?? '').split(' ').filter((url) => url !== '');
  const url = urls[Number(process.env['VITEST_POOL_ID'] ?? 1) - 1] ?? urls[0];
  if (url === undefined) return startServer();
  return {
    url,
    template: process.env[TEMPLATE_VARIABLE],
    close: (databases) =>
      administer(
        url,
        databases.map((name) => `DROP DATABASE ${name} WITH (FORCE)`),
      ),
  };
}

/**
 * Starts an embedded server for each worker of a test run, each with a migrated template: both for each file would take a
 * fifth of the run.
 */
export async function startServers(
  count: number,
): Promise<{ environment: Record<string, string>; close(): Promise<void> }> {
  const servers = await Promise.all(Array.from({ length: count }, startServer));
  for (const { url } of servers) await makeTemplate(url, TEMPLATE);
  return {
    environment: { [URL_VARIABLE]: servers.map(({ url }) => url).join(' '), [TEMPLATE_VARIABLE]: TEMPLATE },
    close: async () => void (await Promise.all(servers.map((server) => server.close([])))),
  };
}

async function startServer(): Promise<DatabaseServer> {
  const directory = await makeServerDirectory();
  const guard = startOrphanGuard(directory);
  const server = await startEmbeddedPostgres({
    directory,
    log: new RecordingLog(),
    clock: systemClock,
    isTemporary: true,
  });
  return {
    url: server.url,
    template: undefined,
    async close() {
      await server.close();
      await rm(directory, { recursive: true, force: true });
      await guard.close();
    },
  };
}

/**
 * Makes a directory that another user may pass through: started by root, the server runs as another user, and mkdtemp
 * allows only the caller.
 */
export async function makeServerDirectory(): Promise<string> {
  const directory = await mkdtemp(join(memoryDirectory(), 'wip-test-db-'));
  await chmod(directory, 0o711);
  return directory;
}

/** Makes a migrated database, and returns its name. */
export async function makeTemplate(serverUrl: string, name: string): Promise<string> {
  const pool = openDatabase(await makeDatabase(serverUrl, name, null), { poolSize: 1 });
  await migrate(pool.db);
  await pool.close();
  return name;
}

/** Makes a database and returns its address. A copy of a migrated one takes a fifth of the time of migrating an empty one. */
export async function makeDatabase(serverUrl: string, name: string, template: string | null): Promise<string> {
  // As files: the default writes the whole copy into the write-ahead log as well, a third more time.
  const copy = template === null ? '' : `TEMPLATE ${template} STRATEGY FILE_COPY`;
  await administer(serverUrl, [`CREATE DATABASE ${name} ${copy}`]);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

export async function administer(serverUrl: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
