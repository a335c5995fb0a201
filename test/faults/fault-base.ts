import { chmod, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { openDatabase } from '../../controlplane/store/database.ts';
import { startEmbeddedPostgres } from '../../controlplane/postgres/embedded-postgres.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { memoryDirectory } from '../kit/database/memory-directory.ts';
import { RecordingLog } from '../kit/recording-log.ts';
import { createDatabases, createKeptDatabases, type FaultDatabase } from './fault-databases.ts';
import { createInProcessFleet } from './in-process-fleet.ts';
import { createNodeFleet, createNodeSpares, type FleetOptions, type NodeFleet } from './node-fleet.ts';
import type { HurriedTime } from '../testkit/system/hurried-time.ts';
import { startOrphanGuard } from '../testkit/system/orphan-guard.ts';

/** Resources that many schedules share: one embedded server that survives every node, and a supply of nodes. */
export interface FaultBase {
  readonly directory: string;
  readonly time: HurriedTime;
  startFleet(options: FleetOptions): NodeFleet;
  fresh(): Promise<FaultDatabase>;
  close(): Promise<void>;
}

// The number of nodes that schedules lose in one moment.
const SPARES = 2;
// Three nodes of seven connections each, their dead predecessors, and the observers.
const CONNECTIONS_OF_SCHEDULE = 40;

export interface FaultBaseOptions {
  /** Factor by which time passes faster. */
  readonly speed: number;
  readonly nodes: 'processes' | 'in-process';
  /** Number of simultaneous schedules. */
  readonly parallel: number;
}

export async function startFaultBase({ speed, nodes, parallel }: FaultBaseOptions): Promise<FaultBase> {
  const directory = await mkdtemp(path.join(memoryDirectory(), 'wip-faults-'));
  // The server may run as another user, who must pass through.
  await chmod(directory, 0o711);
  const guard = startOrphanGuard(directory);
  const server = await startEmbeddedPostgres({
    directory: path.join(directory, 'db'),
    connections: parallel * CONNECTIONS_OF_SCHEDULE,
    log: new RecordingLog(),
    clock: systemClock,
    isTemporary: true, // nodes die here, and the server never does
  });
  const time: HurriedTime = { originMs: systemClock.now().getTime(), speed };
  await useGenericPlans(server.url);
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
      await guard.close();
    },
  };
}

/** Plans made once for all values save half of the time of the nodes, whose lives are many and short. */
async function useGenericPlans(url: string): Promise<void> {
  const admin = openDatabase(url, { poolSize: 1 });
  await sql`ALTER ROLE current_user SET plan_cache_mode TO force_generic_plan`.execute(admin.db);
  await admin.close();
}
