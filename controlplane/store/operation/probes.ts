import { sql, type Kysely } from 'kysely';
import pg from 'pg';
import type { Clock } from '../../../shared/time/clock.ts';
import { LATE, withinTime } from '../../../shared/time/within-time.ts';
import { migrationsDone } from '../migrate.ts';
import type { Schema } from '../schema.ts';

/** Properties of the server on which a node relies. */
export interface ServerFacts {
  /** As PostgreSQL counts: 140011 is 14.11. */
  readonly versionNumber: number;
  readonly version: string;
  readonly isolation: string;
  /** The highest migration that has run. */
  readonly migration: number;
}

export async function readServerFacts(db: Kysely<Schema>): Promise<ServerFacts> {
  const { rows } = await sql<Omit<ServerFacts, 'migration'>>`
    SELECT current_setting('server_version_num')::integer AS version_number,
      current_setting('server_version') AS version,
      current_setting('default_transaction_isolation') AS isolation`.execute(db);
  return { ...rows[0]!, migration: Math.max(0, ...(await migrationsDone(db))) };
}

/**
 * Returns how many milliseconds the database's clock is ahead of this node's. The reference is the middle of the round trip, so
 * the error is at most half of it. The connection is opened before the measurement, because opening takes longer and is
 * asymmetric.
 */
export async function measureClockMs(
  db: Kysely<Schema>,
  clock: Clock,
): Promise<{ aheadMs: number; roundTripMs: number }> {
  return db.connection().execute(async (connection) => {
    await sql`SELECT 1`.execute(connection);
    const before = clock.now().getTime();
    const startMs = clock.monotonicMs();
    const { rows } = await sql<{ at: Date }>`SELECT clock_timestamp() AS at`.execute(connection);
    const roundTripMs = clock.monotonicMs() - startMs;
    return { aheadMs: rows[0]!.at.getTime() - (before + roundTripMs / 2), roundTripMs };
  });
}

// Any number that nobody else uses as an advisory lock in this database: "wipd" in ASCII.
const PROBE_LOCK = 0x77697064;

/**
 * Returns whether one connection sees the locks of another: an advisory lock and a row's, as migrations and claims take
 * them. A pooler that shares one server connection between clients would break both.
 */
export async function probeLocks(db: Kysely<Schema>): Promise<'hold' | 'advisory-broken' | 'rows-broken'> {
  return db.transaction().execute(async (tx) => {
    await sql`SELECT pg_advisory_xact_lock(${PROBE_LOCK})`.execute(tx);
    await sql`SELECT name FROM setting WHERE name = 'installationId' FOR UPDATE`.execute(tx);
    const advisory = await sql<{ taken: boolean }>`SELECT pg_try_advisory_xact_lock(${PROBE_LOCK}) AS taken`.execute(
      db,
    );
    if (advisory.rows[0]?.taken) return 'advisory-broken';
    const rows = await sql`SELECT name FROM setting WHERE name = 'installationId' FOR UPDATE SKIP LOCKED`.execute(db);
    return rows.rows.length === 0 ? 'hold' : 'rows-broken';
  });
}

/** Returns the milliseconds from a NOTIFY on a pooled connection to its arrival on one that listens; null when none came in time. */
export async function probeNotify(
  db: Kysely<Schema>,
  probe: { readonly url: string; readonly channel: string; readonly clock: Clock; readonly timeoutMs: number },
): Promise<number | null> {
  const { clock } = probe;
  const client = new pg.Client({ connectionString: probe.url, application_name: 'wip-doctor' });
  try {
    await client.connect();
    const arrived = new Promise<void>((resolve, reject) => {
      client.on('notification', () => resolve());
      client.on('error', reject);
    });
    await client.query(`LISTEN ${pg.escapeIdentifier(probe.channel)}`);
    const startMs = clock.monotonicMs();
    await sql`SELECT pg_notify(${probe.channel}, '')`.execute(db);
    const outcome = await withinTime(arrived, { clock, limitMs: probe.timeoutMs });
    return outcome === LATE ? null : clock.monotonicMs() - startMs;
  } finally {
    await client.end().catch(() => undefined); // The connection had broken before, which has already been reported.
  }
}
