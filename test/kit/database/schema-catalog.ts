import { sql } from 'kysely';
import type { Db } from '../../../controlplane/store/schema.ts';

interface Column {
  /** `task.id` */
  readonly name: string;
  readonly type: string;
  readonly isNullable: boolean;
  /** The database can supply the value: a default, or an identity. */
  readonly isFilled: boolean;
}

/** The parts of a schema that a node's statements depend on. */
export interface SchemaCatalog {
  readonly columns: readonly Column[];
  /** Functions with their arguments. */
  readonly functions: readonly string[];
  /** Constraints and unique indexes in written form: they decide which rows are accepted. */
  readonly rules: readonly string[];
}

export async function readCatalog(db: Db): Promise<SchemaCatalog> {
  const columns = await sql<Column>`
    SELECT table_name || '.' || column_name AS name, udt_name AS type, is_nullable = 'YES' AS is_nullable,
      column_default IS NOT NULL OR is_identity = 'YES' AS is_filled
    FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1`.execute(db);
  const functions = await sql<{ name: string }>`
    SELECT oid::regprocedure || ' ' || pg_get_function_result(oid) AS name FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace ORDER BY 1`.execute(db);
  const rules = await sql<{ name: string }>`
    SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) AS name FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'u', 'p')
    UNION SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE 'CREATE UNIQUE%'
    ORDER BY 1`.execute(db);
  const names = ({ rows }: { rows: readonly { name: string }[] }): string[] => rows.map(({ name }) => name);
  return { columns: columns.rows, functions: names(functions), rules: names(rules) };
}

/** Returns why a node that knows `before` cannot run on `after`; empty when it can. */
export function breaksFor(before: SchemaCatalog, after: SchemaCatalog): string[] {
  const tables = new Set(before.columns.map(({ name }) => tableOf(name)));
  const now = new Map(after.columns.map((column) => [column.name, column]));
  const then = new Set(before.columns.map(({ name }) => name));
  const changed = before.columns.flatMap((column) => {
    const next = now.get(column.name);
    if (!next) return [`${column.name} is gone: it still reads and writes it`];
    if (next.type !== column.type) return [`${column.name} became ${next.type}`];
    if (column.isNullable && !next.isNullable) return [`${column.name} no longer takes a null`];
    return column.isFilled && !next.isFilled ? [`${column.name} lost its default`] : [];
  });
  const added = after.columns
    .filter(({ name }) => !then.has(name) && tables.has(tableOf(name)))
    .filter(({ isNullable, isFilled }) => !isNullable && !isFilled)
    .map(({ name }) => `${name} is new and must be given: it does not know it`);
  const functions = before.functions.filter((one) => !after.functions.includes(one)).map((one) => `${one} is gone`);
  const stricter = after.rules
    .filter((rule) => !before.rules.includes(rule))
    .filter((rule) => [...tables].some((table) => rule.startsWith(`${table} `) || rule.includes(` public.${table} `)))
    .map((rule) => `a new rule: ${rule}`);
  return [...changed, ...added, ...functions, ...stricter];
}

function tableOf(column: string): string {
  return column.split('.')[0] ?? '';
}
