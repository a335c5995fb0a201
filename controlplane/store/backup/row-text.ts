import { sql, type Kysely, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';

/**
 * Sets how PostgreSQL writes rows as text. A dump contains rows as this text, from which every type can be restored exactly
 * (to_jsonb would turn a jsonb null into an SQL NULL). The text depends on these settings, so they must not depend on the server.
 */
export async function writePlainly(tx: Transaction<Schema>): Promise<void> {
  await sql`SELECT set_config('datestyle', 'ISO', true), set_config('timezone', 'UTC', true),
    set_config('bytea_output', 'hex', true), set_config('extra_float_digits', '1', true)`.execute(tx);
}

/** `rows`: each the text of a row as a JSON string. */
export async function insertRowTexts(db: Kysely<Schema>, name: string, rows: readonly string[]): Promise<void> {
  const table = sql.table(name);
  // OFFSET 0 makes PostgreSQL parse each row once and not once per column.
  await sql`INSERT INTO ${table} OVERRIDING SYSTEM VALUE
    SELECT (one).* FROM (
      SELECT line::${table} AS one FROM jsonb_array_elements_text(${`[${rows.join(',')}]`}::jsonb) line OFFSET 0) rows`.execute(
    db,
  );
}
