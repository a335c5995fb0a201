import type { ColumnType } from 'kysely';

// Names are camelCase here and snake_case in the database: Kysely's CamelCasePlugin translates. The DDL in migrations/
// says what a column is for; the files of this directory hold its type. Every instant is the database's own time.

/**
 * A jsonb column: written as JSON text (see json.ts), read as a value. The value is not validated when read, because only this
 * program writes the column, through typed functions of the store.
 */
export type Json<T> = ColumnType<T, string, string>;
/** The database fills it in unless told otherwise; never null when read. */
export type Defaulted<T> = ColumnType<T, T | undefined, T>;
export type DefaultedJson<T> = ColumnType<T, string | undefined, string>;
