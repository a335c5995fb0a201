import { messageOf } from '../../shared/model/error.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Logger } from '../../shared/system/logger.ts';
import type { ControlPlaneConfig } from '../config-fields.ts';
import { DatabaseOutage } from '../store/database-outage.ts';
import { openDatabase, type DatabaseOptions } from '../store/database.ts';
import { startEmbeddedPostgres } from '../postgres/embedded-postgres.ts';
import { JoinedDatabase } from '../store/operation/joined-database.ts';
import type { Db } from '../store/schema.ts';
import { wordsOfDatabaseError } from '../store/trouble-words.ts';
import { migrateWhenThere } from '../store/wait-for-database.ts';
import type { Closers } from './closers.ts';
import { startUnavailableServer, type UnavailableServerConfig } from './unavailable-server.ts';

export interface NodeDatabase {
  readonly url: string;
  readonly db: Db;
  /** Connections for what people and programs ask: behind the queries of busy steps their answers would come too late. */
  readonly requestDb: Db;
  /** A connection for renewals alone: behind the queries of busy steps they would come too late. */
  readonly leaseDb: Db;
  readonly outage: DatabaseOutage;
  readonly joined: JoinedDatabase;
}

export interface NodeDatabaseOptions {
  readonly config: ControlPlaneConfig;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ends the wait for a database that is not there yet. */
  readonly stop?: AbortSignal;
  readonly onFatal?: (why: string) => void;
  /** Called with the time that a query waited for a connection. */
  readonly onPoolWait: (pool: Pool, waitedMs: number) => void;
}

type Pool = 'main' | 'requests' | 'leases';

// Whoever asks has a limit of half a minute in most clients. A renewal must fail early enough that another one can follow.
// Statements of the engine take milliseconds, and those that delete old rows some seconds.
const REQUEST_LIMIT_MS = 30_000;
const MAIN_LIMIT_MS = 60_000;
const RENEWALS_IN_A_LEASE = 3;
// On a busy machine an answer may take seconds, and a new connection takes longer still.
const LEAST_RENEWAL_LIMIT_MS = 10_000;

// Part of the connections that requests have to themselves. The routes ask one short question after the other; four of
// sixteen answer some thousand a second, and are no loss to the engine, which rarely waits for a connection by itself.
const REQUEST_SHARE = 1 / 4;
// One long answer must not hold up all others.
const LEAST_REQUEST_CONNECTIONS = 2;

// One connection for leases and one for LISTEN.
const CONNECTIONS_BESIDE_POOL = 2;

/** Opens the database of the settings, or starts the embedded one, and brings its schema to this version. */
export async function openNodeDatabase(options: NodeDatabaseOptions, closers: Closers): Promise<NodeDatabase> {
  const { config, clock, log } = options;
  const outage = new DatabaseOutage(log, clock);
  const joined = new JoinedDatabase((why) => options.onFatal?.(why));
  const url = config.database_url ?? (await startEmbedded(options, closers));
  const limits: Readonly<Record<Pool, number>> = {
    main: MAIN_LIMIT_MS,
    requests: REQUEST_LIMIT_MS,
    leases: Math.max(LEAST_RENEWAL_LIMIT_MS, (config.lease_seconds * 1000) / RENEWALS_IN_A_LEASE),
  };
  await reachAndMigrate(options, url);
  const open = (pool: Pool, poolSize: number, applicationName: string): Db => {
    const onIdleError = (error: Error): void => outage.noteConnection(error, 'an idle connection');
    const onWait = { clock, told: (waitedMs: number) => options.onPoolWait(pool, waitedMs) };
    // What people ask for has filters and pages of all sizes; the statements of the engine are few and alike.
    const plansOnce = pool !== 'requests';
    const limitMs = limits[pool];
    const onConnect: DatabaseOptions['onConnect'] = (ask) => joined.check(ask);
    const database = openDatabase(url, {
      ...{ poolSize, applicationName, onConnect, onIdleError, onWait, plansOnce, limitMs },
    });
    closers.add('database connections', () => database.close());
    return database.db;
  };
  const requestConnections = Math.max(LEAST_REQUEST_CONNECTIONS, Math.floor(config.database_pool * REQUEST_SHARE));
  const db = open('main', config.database_pool - requestConnections, `wip ${config.node}`);
  const requestDb = open('requests', requestConnections, `wip ${config.node} requests`);
  const leaseDb = open('leases', 1, `wip ${config.node} leases`);
  return { url, db, requestDb, leaseDb, outage, joined };
}

async function startEmbedded(options: NodeDatabaseOptions, closers: Closers): Promise<string> {
  const { config, clock, log } = options;
  const server = await startEmbeddedPostgres({
    directory: config.data_dir,
    connections: config.database_pool + CONNECTIONS_BESIDE_POOL,
    clock,
    log,
    onUnexpectedExit: () => options.onFatal?.('the embedded database ended unexpectedly'),
  });
  closers.add('embedded database', () => server.close());
  return server.url;
}

/** With a connection of its own: a step of a migration may take any time. */
async function reachAndMigrate(options: NodeDatabaseOptions, url: string): Promise<void> {
  const applicationName = `wip ${options.config.node} schema`;
  const { db, close } = openDatabase(url, { poolSize: 1, applicationName });
  try {
    await reachDatabase(options, db);
  } finally {
    await close();
  }
}

export interface ReachDatabaseOptions {
  readonly config: UnavailableServerConfig;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ends the wait. */
  readonly stop?: AbortSignal;
}

/**
 * Waits for the database as long as it takes and brings its schema to this version. Meanwhile clients are told that
 * this node is not ready. Throws DATABASE_UNAVAILABLE as migrateWhenThere does.
 */
export async function reachDatabase({ config, clock, log, stop }: ReachDatabaseOptions, db: Db): Promise<void> {
  let closeServer: (() => Promise<void>) | undefined;
  try {
    await migrateWhenThere(db, {
      clock,
      stop: stop ?? new AbortController().signal,
      onAway: async (error) => {
        const { reason, remedy } = wordsOfDatabaseError(error);
        log.warn({ why: messageOf(error), remedy }, `${reason}; this node waits for it`);
        closeServer = await startUnavailableServer(config, reason);
      },
    });
  } finally {
    await closeServer?.();
  }
}
