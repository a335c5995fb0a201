import { sql } from 'kysely';
import type { Db } from '../../controlplane/store/schema.ts';
import type { Table } from './measure.ts';

/** The server's settings that let it count what it plans and executes; it counts from its next start on. */
export const COUNTS_STATEMENTS = [
  "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'",
  'ALTER SYSTEM SET pg_stat_statements.track_planning = on',
];

const MOST_ROWS = 30;
const MOST_CHARACTERS = 110;

/** Forgets what was counted so far. */
export async function countStatements(db: Db): Promise<void> {
  await sql`CREATE EXTENSION IF NOT EXISTS pg_stat_statements`.execute(db);
  await sql`SELECT pg_stat_statements_reset()`.execute(db);
}

interface Counted {
  readonly text: string;
  readonly calls: number;
  readonly ms: number;
  /** Plans of prepared statements are mostly kept; one that is made anew each time shows here. */
  readonly planMs: number;
  readonly walBytes: number;
}

/** Returns what the database has executed since, for each of `count` things, the dearest first. */
export async function readStatements(db: Db, count: number, what: string): Promise<Table> {
  const { rows } = await sql<Counted>`
    SELECT left(regexp_replace(query, '[[:space:]]+', ' ', 'g'), ${MOST_CHARACTERS}) AS text, calls,
      total_exec_time AS ms, total_plan_time AS plan_ms, wal_bytes::float8 AS wal_bytes
    FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    ORDER BY total_exec_time + total_plan_time DESC`.execute(db);
  const sum = (pick: (row: Counted) => number): number => rows.reduce((all, row) => all + pick(row), 0);
  const all = {
    text: 'all',
    calls: sum((row) => row.calls),
    ms: sum((row) => row.ms),
    planMs: sum((row) => row.planMs),
    walBytes: sum((row) => row.walBytes),
  };
  return {
    title: `statements of each ${what}; their time is the server's, with what it waited for a processor or the disk`,
    columns: ['', 'calls', 'ms', 'ms of planning', 'bytes of WAL'],
    rows: [all, ...rows.slice(0, MOST_ROWS)].map(({ text, calls, ms, planMs, walBytes }) => [
      text.trim(),
      (calls / count).toFixed(2),
      (ms / count).toFixed(2),
      (planMs / count).toFixed(2),
      (walBytes / count).toFixed(0),
    ]),
  };
}
