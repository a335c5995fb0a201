import { sql, type RawBuilder } from 'kysely';

/**
 * Condition: the column is one of these values. A single one is compared as such: PostgreSQL plans an array as if it had
 * ten elements, which looks dearer than any real list, and so plans the whole statement anew each time. More of them are
 * one array and not a list: a text for each number of values would be a prepared statement each.
 */
export function isAnyOf(
  column: RawBuilder<unknown>,
  type: 'bigint' | 'text',
  values: readonly (number | string)[],
): RawBuilder<boolean> {
  const [only] = values;
  if (values.length === 1) return sql<boolean>`${column} = ${only}`;
  return sql<boolean>`${column} = ANY(${values}::${sql.raw(type)}[])`;
}
