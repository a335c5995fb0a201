import { sql, type RawBuilder } from 'kysely';
import type { Db } from '../schema.ts';

// A sealed text names its master key: `wip1.<key id>.<wrapped data key>.<value>` (shared/keys/sealing.ts).
const SEALED = '^wip1\\.[0-9a-f]{8}\\.';

/** The columns of sealed values, apart from the build key, which is one setting. */
export const SEALED_COLUMNS = [
  'option',
  'request',
  'clientKey',
  'signingKey',
  'clusterSecret',
  'clusterToken',
] as const;
export type SealedColumn = (typeof SEALED_COLUMNS)[number];

export interface SealedValue {
  /** Key of the effect, uuid of the attempt, name of the cluster, or `<uuid of the task>/<name of the option>`. */
  readonly id: string;
  readonly sealed: string;
}

type TextColumn = Exclude<SealedColumn, 'option'>;

const TEXT_COLUMNS: Readonly<Record<TextColumn, { table: string; id: string; column: string }>> = {
  request: { table: 'effect', id: 'key', column: 'request' },
  clientKey: { table: 'container_attempt', id: 'uuid', column: 'client_key_sealed' },
  signingKey: { table: 'container_attempt', id: 'uuid', column: 'signing_key_sealed' },
  clusterSecret: { table: 'ecs_cluster', id: 'name', column: 'secret_sealed' },
  clusterToken: { table: 'ecs_cluster', id: 'name', column: 'session_token_sealed' },
};

/**
 * Query for all values of a column. Of options only those that a class seals (`sealedOptions`, as `<kind>/<option>`), because
 * anybody may give a plain option a value that looks sealed.
 */
function valuesOf(column: SealedColumn, sealedOptions: readonly string[]): RawBuilder<unknown> {
  if (column === 'option') {
    return sql`SELECT task.uuid::text || '/' || option.key AS id, option.value AS sealed
      FROM task CROSS JOIN LATERAL jsonb_each_text(task.options) AS option
      WHERE task.kind || '/' || option.key = ANY(${sealedOptions}::text[]) AND option.value ~ ${SEALED}`;
  }
  const { table, id, column: name } = TEXT_COLUMNS[column];
  return sql`SELECT ${sql.ref(id)}::text AS id, ${sql.ref(name)} AS sealed FROM ${sql.table(table)}
    WHERE ${sql.ref(name)} ~ ${SEALED}`;
}

/** Returns values that are sealed with another key than this one, ordered by id, starting after `afterId`. */
export async function listSealedOtherwise(
  db: Db,
  column: SealedColumn,
  page: { sealedOptions: readonly string[]; keyId: string; afterId: string; limit: number },
): Promise<readonly SealedValue[]> {
  const { rows } = await sql<SealedValue>`SELECT id, sealed FROM (${valuesOf(column, page.sealedOptions)}) AS value
    WHERE split_part(sealed, '.', 2) <> ${page.keyId} AND id COLLATE "C" > ${page.afterId}
    ORDER BY id COLLATE "C" LIMIT ${page.limit}`.execute(db);
  return rows;
}

/** Returns the number of values that each key seals, including the build key. */
export async function countSealed(
  db: Db,
  sealedOptions: readonly string[],
): Promise<readonly { keyId: string; values: number }[]> {
  const columns = SEALED_COLUMNS.map((column) => sql`SELECT sealed FROM (${valuesOf(column, sealedOptions)}) AS one`);
  const all = sql.join([...columns, sql`SELECT value #>> '{}' FROM setting WHERE name = 'buildKey'`], sql` UNION ALL `);
  const { rows } = await sql<{ keyId: string; values: number }>`
    SELECT split_part(sealed, '.', 2) AS key_id, count(*)::int AS values FROM (${all}) AS sealed_value (sealed)
    GROUP BY key_id ORDER BY key_id`.execute(db);
  return rows;
}

/**
 * Replaces these values if the old ones are still stored. Rows that another transaction has locked are skipped, because waiting
 * for several rows could end in a deadlock. Returns the number of replaced values.
 */
export async function replaceSealed(
  db: Db,
  column: SealedColumn,
  values: readonly (SealedValue & { readonly replacement: string })[],
): Promise<number> {
  if (values.length === 0) return 0;
  const given = sql`SELECT * FROM unnest(${values.map(({ id }) => id)}::text[], ${values.map(({ sealed }) => sealed)}::text[],
    ${values.map(({ replacement }) => replacement)}::text[]) AS given (id, sealed, replacement)`;
  if (column === 'option') return replaceOptions(db, given);
  const { table, id, column: name } = TEXT_COLUMNS[column];
  const { numAffectedRows } = await sql`
    WITH given AS (${given}),
    free AS (
      SELECT kept.ctid, given.replacement FROM ${sql.table(table)} AS kept
        JOIN given ON kept.${sql.ref(id)}::text = given.id AND kept.${sql.ref(name)} = given.sealed
      FOR NO KEY UPDATE OF kept SKIP LOCKED)
    UPDATE ${sql.table(table)} AS kept SET ${sql.ref(name)} = free.replacement FROM free WHERE kept.ctid = free.ctid`.execute(
    db,
  );
  return Number(numAffectedRows ?? 0);
}

/** Replaces several options of one task at once, because one statement changes a row once. */
async function replaceOptions(db: Db, given: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ values: number }>`
    WITH given AS (${given}),
    changes AS (
      SELECT split_part(id, '/', 1)::uuid AS uuid, jsonb_object_agg(substr(id, 38), sealed) AS old,
        jsonb_object_agg(substr(id, 38), replacement) AS new, count(*)::int AS values
      FROM given GROUP BY 1),
    free AS (
      SELECT task.id, changes.new, changes.values FROM task
        JOIN changes ON changes.uuid = task.uuid AND task.options @> changes.old
      FOR NO KEY UPDATE OF task SKIP LOCKED),
    written AS (
      UPDATE task SET options = task.options || free.new FROM free WHERE task.id = free.id RETURNING free.values)
    SELECT coalesce(sum(values), 0)::int AS values FROM written`.execute(db);
  return rows[0]?.values ?? 0;
}

/** Reseals the build key with another master key, unless it has changed in the meantime. */
export async function replaceBuildKey(db: Db, sealed: string, replacement: string): Promise<'replaced' | 'changed'> {
  const { numAffectedRows } = await sql`UPDATE setting SET value = to_jsonb(${replacement}::text), updated_at = now()
    WHERE name = 'buildKey' AND value = to_jsonb(${sealed}::text)`.execute(db);
  return numAffectedRows === 1n ? 'replaced' : 'changed';
}
