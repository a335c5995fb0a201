import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../controlplane/postgres/embedded-postgres.ts';
import { systemClock } from '../../shared/support/clock.ts';
import { RecordingLog } from './recording-log.ts';

/** Names the server on which tests make their databases. Several, a space apart, are one for each worker. */
const URL_VARIABLE = 'WIP_TEST_DATABASE_URL';

export interface DatabaseServer {
  readonly url: string;
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
    close: (databases) =>
      administer(
        url,
        databases.map((name) => `DROP DATABASE ${name} WITH (FORCE)`),
      ),
  };
}

/** Starts an embedded server for each worker of a test run: one for each file would take a fifth of the run. */
export async function startServers(
  count: number,
): Promise<{ environment: Record<string, string>; close(): Promise<void> }> {
  const servers = await Promise.all(Array.from({ length: count }, startServer));
  return {
    environment: { [URL_VARIABLE]: servers.map(({ url }) => url).join(' ') },
    close: async () => void (await Promise.all(servers.map((server) => server.close([])))),
  };
}

async function startServer(): Promise<DatabaseServer> {
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

/**
 * Makes a directory that another user may pass through: started by root, the server runs as another user, and mkdtemp
 * allows only the caller.
 */
export async function makeServerDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'wip-test-db-'));
  await chmod(directory, 0o711);
  return directory;
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
