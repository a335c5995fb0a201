import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from '../../controlplane/postgres/embedded-postgres.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { administer } from '../kit/database/database-server.ts';
import { RecordingLog } from '../kit/recording-log.ts';
import { startOrphanGuard } from '../testkit/system/orphan-guard.ts';

/** An embedded server in a temporary directory, in the form in which a node without a DATABASE_URL starts it. */
export interface BenchServer {
  readonly url: string;
  readonly pid: number;
  /** Holds all other files of a benchmark too; removed at the end. */
  readonly directory: string;
  /** Makes an empty database beside the server's own. */
  createDatabase(name: string): Promise<string>;
}

/** `setUp`: statements after which the server is started again, for settings that it reads only then. */
export async function withServer<T>(
  run: (server: BenchServer) => Promise<T>,
  setUp: readonly string[] = [],
): Promise<T> {
  const directory = await mkdtemp(path.join(tmpdir(), 'wip-bench-'));
  // The server may run as another user, who must pass through.
  await chmod(directory, 0o711);
  // A benchmark that is killed leaves neither its server nor its nodes.
  const guard = startOrphanGuard(directory);
  const start = (): ReturnType<typeof startEmbeddedPostgres> =>
    startEmbeddedPostgres({ directory: path.join(directory, 'db'), log: new RecordingLog(), clock: systemClock });
  let server = await start();
  if (setUp.length > 0) {
    await administer(server.url, setUp);
    await server.close();
    server = await start();
  }
  try {
    return await run({
      url: server.url,
      pid: server.pid,
      directory,
      async createDatabase(name) {
        await administer(server.url, [`CREATE DATABASE ${name}`]);
        return Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
      },
    });
  } finally {
    await server.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    await guard.close();
  }
}
