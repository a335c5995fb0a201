import { sql, type Kysely } from 'kysely';
import type { Schema } from '../../../controlplane/store/schema.ts';
import { systemClock, type Clock } from '../../../shared/time/clock.ts';

/**
 * Time that passes faster for nodes, local ECS, agents and database alike. Leases, waits and budgets keep the values
 * of production, and minutes of them take seconds.
 */
export interface HurriedTime {
  /** The instant at which hurried and real time are equal (ms since 1970). */
  readonly originMs: number;
  readonly speed: number;
}

export function hurriedClock({ originMs, speed }: HurriedTime): Clock {
  return {
    now: () => new Date(originMs + (systemClock.now().getTime() - originMs) * speed),
    monotonicMs: () => systemClock.monotonicMs() * speed,
    sleep: (ms, signal) => systemClock.sleep(ms / speed, signal),
  };
}

const SCHEMA = 'hurried';
/**
 * The schema precedes pg_catalog, so that its `now()` is called, in statements and in the defaults of tables made
 * from here on.
 */
export const SEARCH_PATH = `${SCHEMA}, pg_catalog, public`;

/** Makes `now()` hurried in this database. Run it before the migrations, with SEARCH_PATH set from then on. */
export async function hurryDatabase(db: Kysely<Schema>, { originMs, speed }: HurriedTime): Promise<void> {
  const origin = `to_timestamp(${originMs / 1_000})`;
  const body = `SELECT ${origin} + (pg_catalog.now() - ${origin}) * ${speed}`;
  await sql`CREATE SCHEMA IF NOT EXISTS ${sql.raw(SCHEMA)}`.execute(db);
  // A single expression, so that the planner inlines it and index conditions keep their form.
  await sql`CREATE OR REPLACE FUNCTION hurried.now() RETURNS timestamptz LANGUAGE sql STABLE AS
    ${sql.lit(body)}`.execute(db);
}
