import { CamelCasePlugin, Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { Clock } from '../../shared/support/clock.ts';
import { noteDatabaseError } from './database-trouble.ts';
import { preparingClient } from './preparing-client.ts';
import type { Schema } from './schema.ts';

const INT8_OID = 20;
// PostgreSQL 12 and later.
const PLAN_ONCE = 'SET plan_cache_mode = force_generic_plan';

export interface Database {
  readonly db: Kysely<Schema>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly poolSize: number;
  /** Shown in pg_stat_activity, so that an operator sees whose connection it is. */
  readonly applicationName?: string;
  /** Called with the time that a query waited for a connection. */
  readonly onWait?: { readonly clock: Pick<Clock, 'monotonicMs'>; readonly told: (waitedMs: number) => void };
  /**
   * Each connection plans a statement once, for any values. PostgreSQL otherwise plans it for the values of its first five
   * uses, which takes a quarter of what all statements of a quiet node take (measured 2026-11). Only for statements whose
   * rows are found by the same index whatever their values are.
   */
  readonly plansOnce?: boolean;
  /** A statement that takes longer fails as in an outage, and its connection is closed. Absent: it may take any time. */
  readonly limitMs?: number;
  /** A pooled connection broke while idle; the pool replaces it by itself. */
  readonly onIdleError?: (error: Error) => void;
}

/** Opens the pool. The first query connects; nothing is checked here. */
export function openDatabase(url: string, options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    Client: preparingClient({ limitMs: options.limitMs }),
    connectionString: url,
    max: options.poolSize,
    application_name: options.applicationName ?? 'wip',
    types: { getTypeParser },
    // The pool waits for it before it gives the connection to anybody, which the types of pg do not say.
    ...(options.plansOnce && { onConnect: (client) => client.query(PLAN_ONCE) as unknown as void }),
    // A server that does not answer a connection attempt is down for us; pg waits for ever by default.
    connectionTimeoutMillis: 10_000,
    // Long enough that a busy node keeps its connections, short enough that a quiet one gives them back.
    idleTimeoutMillis: 60_000,
  });
  // Without a listener an idle connection that breaks would end the program; queries report their own errors.
  let isClosing = false;
  pool.on('error', (error) => {
    // The server may end a connection that is being closed; nobody misses it.
    if (!isClosing) options.onIdleError?.(error);
  });
  // The pool listens only to idle connections. An error of one in use reaches its query, and without this listener it
  // would end the program all the same.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<Schema>({
    dialect: new PostgresDialect({
      pool: { options: pool.options, connect: () => connectNoted(pool, options.onWait), end: () => pool.end() },
    }),
    log: (event) => {
      if (event.level === 'error') noteDatabaseError(event.error);
    },
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
  return {
    db,
    close() {
      isClosing = true;
      return db.destroy();
    },
  };
}

/** Throws the error that keeps us from the database. */
export async function askDatabase(db: Kysely<Schema>): Promise<void> {
  await sql`SELECT 1`.execute(db);
}

async function connectNoted(pool: pg.Pool, onWait: DatabaseOptions['onWait']): Promise<pg.PoolClient> {
  const startedMs = onWait?.clock.monotonicMs() ?? 0;
  try {
    const client = await pool.connect();
    onWait?.told(onWait.clock.monotonicMs() - startedMs);
    return client;
  } catch (error) {
    noteDatabaseError(error);
    throw error;
  }
}

/** int8 as a number: ids and counters stay far below 2^53 (a thousand a second for 285,000 years). */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === INT8_OID && format !== 'binary') return Number;
  return pg.types.getTypeParser(oid, format as 'text') as (value: string) => unknown;
}
