import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { openDatabase } from '../../controlplane/store/database.ts';
import { startEmbeddedPostgres } from '../../controlplane/postgres/embedded-postgres.ts';
import { systemClock } from '../../shared/support/clock.ts';
import { RecordingLog } from '../kit/recording-log.ts';
import { createDatabases, createKeptDatabases, type FaultDatabase } from './fault-databases.ts';
import { createInProcessFleet } from './in-process-fleet.ts';
import { createNodeFleet, createNodeSpares, type FleetOptions, type NodeFleet } from './node-fleet.ts';
import type { HurriedTime } from './hurried-time.ts';

/** What many schedules share: one embedded server that survives every node, and where nodes come from. */
export interface FaultBase {
  readonly directory: string;
  readonly time: HurriedTime;
  startFleet(options: FleetOptions): NodeFleet;
  fresh(): Promise<FaultDatabase>;
  close(): Promise<void>;
}

// As many as schedules lose nodes in one moment.
const SPARES = 2;
// Three nodes of seven connections each, their dead, and what looks at them.
const CONNECTIONS_OF_SCHEDULE = 40;

export interface FaultBaseOptions {
  /** How many times faster than life. */
  readonly speed: number;
  readonly nodes: 'processes' | 'in-process';
  /** How many schedules there are at once. */
  readonly parallel: number;
}

export async function startFaultBase({ speed, nodes, parallel }: FaultBaseOptions): Promise<FaultBase> {
  const directory = await mkdtemp(path.join(tmpdir(), 'wip-faults-'));
  // The server may run as another user, who must get through.
  await chmod(directory, 0o711);
  const server = await startEmbeddedPostgres({
    directory: path.join(directory, 'db'),
    connections: parallel * CONNECTIONS_OF_SCHEDULE,
    log: new RecordingLog(),
    clock: systemClock,
  });
  const time: HurriedTime = { originMs: systemClock.now().getTime(), speed };
  await relax(server.url);
  const databases = await (nodes === 'processes' ? createDatabases : createKeptDatabases)(server.url, time);
  const spares =
    nodes === 'processes' ? createNodeSpares({ compileCache: path.join(directory, 'compiled'), spares: SPARES }) : null;
  return {
    directory,
    time,
    startFleet: (options) => (spares ? createNodeFleet({ ...options, spares }) : createInProcessFleet(options)),
    fresh: () => databases.fresh(),
    async close() {
      await spares?.close();
      await databases.close();
      await server.close();
      // Local ECS of a schedule that broke may still be writing.
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/**
 * Nodes die here and the server never does: what it acknowledged need not be on the disk. Plans made once and for all
 * values spare the many short lives of nodes half of their time.
 */
async function relax(url: string): Promise<void> {
  const admin = openDatabase(url, { poolSize: 1 });
  for (const setting of ['synchronous_commit TO off', 'plan_cache_mode TO force_generic_plan'])
    await sql`ALTER ROLE current_user SET ${sql.raw(setting)}`.execute(admin.db);
  await admin.close();
}
