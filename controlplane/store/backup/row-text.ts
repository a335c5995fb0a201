import { sql, type Kysely, type Transaction } from 'kysely';
import type { Schema } from '../schema.ts';

/**
 * Sets how PostgreSQL writes rows as text. A row travels as that text, which gives back every type exactly (to_jsonb would
 * turn a jsonb null into one of SQL). The text depends on these settings, so they are not the server's.
 */
export async function writePlainly(tx: Transaction<Schema>): Promise<void> {
  await sql`SELECT set_config('datestyle', 'ISO', true), set_config('timezone', 'UTC', true),
    set_config('bytea_output', 'hex', true), set_config('extra_float_digits', '1', true)`.execute(tx);
}

/** `rows`: each the text of a row as a JSON string. */
export async function insertRowTexts(db: Kysely<Schema>, name: string, rows: readonly string[]): Promise<void> {
  const table = sql.table(name);
  // OFFSET 0: each row is read once and not once a column.
  await sql`INSERT INTO ${table} OVERRIDING SYSTEM VALUE
    SELECT (one).* FROM (
      SELECT line::${table} AS one FROM jsonb_array_elements_text(${`[${rows.join(',')}]`}::jsonb) line OFFSET 0) rows`.execute(
    db,
  );
}
