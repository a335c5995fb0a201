import { sql, type Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

interface Identity {
  readonly key: string;
  readonly table: string;
  readonly column: string;
}

/** Every column that the database numbers by itself. */
async function listIdentities(db: Kysely<Schema>): Promise<Identity[]> {
  const { rows } = await sql<Identity>`
    SELECT table_name || '.' || column_name AS key, table_name AS "table", column_name AS "column"
    FROM information_schema.columns WHERE table_schema = current_schema() AND is_identity = 'YES'
    ORDER BY 1`.execute(db);
  return rows;
}

/** `table.column` → the last number it gave out, 0 when it gave out none. */
export async function readSequences(db: Kysely<Schema>): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { key, table, column } of await listIdentities(db)) {
    const { rows } = await sql<{ last: number | null }>`
      SELECT pg_sequence_last_value(pg_get_serial_sequence(${table}, ${column})::regclass) AS last`.execute(db);
    found[key] = rows[0]?.last ?? 0;
  }
  return found;
}

/**
 * Sets each sequence to continue after the given number. That number counts as given out: of one that is only the next,
 * pg_sequence_last_value knows nothing, so that a dump of a database that nobody has used since its restore would lose it.
 */
export async function setSequences(db: Kysely<Schema>, last: Readonly<Record<string, number>>): Promise<void> {
  for (const { key, table, column } of await listIdentities(db)) {
    const given = last[key] ?? 0;
    await sql`SELECT setval(pg_get_serial_sequence(${table}, ${column})::regclass,
      ${Math.max(1, given)}::bigint, ${given > 0}::boolean)`.execute(db);
  }
}
