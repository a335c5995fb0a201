import { CamelCasePlugin, Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { Clock } from '../../shared/time/clock.ts';
import { noteDatabaseError } from './database-trouble.ts';
import type { AskRows } from './operation/database-identity.ts';
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
   * Each connection plans a statement once, for any values. By default PostgreSQL plans the first five executions for their
   * actual values, which takes a quarter of the time of all statements of a quiet node (measured 2026-11). Only for statements
   * that use the same index for all values.
   */
  readonly plansOnce?: boolean;
  /** A statement that takes longer fails as in an outage, and its connection is closed. Absent: it may take any time. */
  readonly limitMs?: number;
  /** Looks at each new connection before a statement is sent over it. One that it throws for is closed. */
  readonly onConnect?: (ask: AskRows) => Promise<void>;
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
    // The pool waits for this promise before it hands the connection out; the types of pg do not say so.
    onConnect: (client) => prepareConnection(client, options) as unknown as void,
    // A server that does not answer a connection attempt is down for us; pg waits for ever by default.
    connectionTimeoutMillis: 10_000,
    // Long enough for a busy node to keep its connections, short enough for a quiet node to close them.
    idleTimeoutMillis: 60_000,
  });
  // Without a listener an idle connection that breaks would end the program; queries report their own errors.
  let isClosing = false;
  pool.on('error', (error) => {
    // The server may end a connection while it is being closed, which does no harm.
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

async function prepareConnection(client: pg.ClientBase, { plansOnce, onConnect }: DatabaseOptions): Promise<void> {
  if (plansOnce) await client.query(PLAN_ONCE);
  await onConnect?.(async (text) => (await client.query<object>(text)).rows);
}

/** Sends a trivial query. Throws the error if the database cannot be reached. */
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
