import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql, type Kysely } from 'kysely';
import { openDatabase } from '../../controlplane/store/database.ts';
import { startEmbeddedPostgres } from '../../controlplane/store/embedded-postgres.ts';
import { migrate } from '../../controlplane/store/migrate.ts';
import type { Schema } from '../../controlplane/store/schema.ts';
import { systemClock } from '../../shared/support/clock.ts';
import { RecordingLog } from '../kit/recording-log.ts';
import { createInProcessFleet } from './in-process-fleet.ts';
import { createNodeFleet, createNodeSpares, type FleetOptions, type NodeFleet } from './node-fleet.ts';
import { hurryDatabase, SEARCH_PATH, type HurriedTime } from './hurried-time.ts';
import { WATCH_SQL } from './watch-sql.ts';

export interface FaultDatabase {
  readonly url: string;
  readonly db: Kysely<Schema>;
  drop(): Promise<void>;
}

/** What many schedules share: one embedded server that survives every node, and where nodes come from. */
export interface FaultBase {
  readonly directory: string;
  readonly time: HurriedTime;
  startFleet(options: FleetOptions): NodeFleet;
  fresh(): Promise<FaultDatabase>;
  close(): Promise<void>;
}

const TEMPLATE = 'faults';
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
  const admin = openDatabase(server.url, { poolSize: 1 });
  const time: HurriedTime = { originMs: systemClock.now().getTime(), speed };
  const urlOf = (name: string): string => Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
  const create = async (name: string, template: string): Promise<void> => {
    await sql`CREATE DATABASE ${sql.raw(name)} TEMPLATE ${sql.raw(template)}`.execute(admin.db);
    await sql`ALTER DATABASE ${sql.raw(name)} SET search_path TO ${sql.raw(SEARCH_PATH)}`.execute(admin.db);
  };
  await create(TEMPLATE, 'template1');
  const template = openDatabase(urlOf(TEMPLATE), { poolSize: 1 });
  await hurryDatabase(template.db, time);
  await migrate(template.db);
  await sql.raw(WATCH_SQL).execute(template.db);
  await template.close();
  const spares =
    nodes === 'processes' ? createNodeSpares({ compileCache: path.join(directory, 'compiled'), spares: SPARES }) : null;
  let made = 0;
  return {
    directory,
    time,
    startFleet: (options) => (spares ? createNodeFleet({ ...options, spares }) : createInProcessFleet(options)),
    async fresh() {
      made += 1;
      const name = `schedule_${made}`;
      await create(name, TEMPLATE);
      const opened = openDatabase(urlOf(name), { poolSize: 3 });
      return {
        url: urlOf(name),
        db: opened.db,
        async drop() {
          await opened.close();
          await sql`DROP DATABASE ${sql.raw(name)} WITH (FORCE)`.execute(admin.db);
        },
      };
    },
    async close() {
      await spares?.close();
      await admin.close();
      await server.close();
      // Local ECS of a schedule that broke may still be writing.
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
