import { sql, type RawBuilder } from 'kysely';

// Each number of them is a statement of its own; a connection keeps some hundred.
const MOST_LISTED = 4;

/**
 * Condition: the column is one of these values. A few are listed one by one: PostgreSQL plans an array as if it had ten
 * elements, which looks dearer than any real list, and then plans the whole statement anew each time.
 */
export function isAnyOf(
  column: RawBuilder<unknown>,
  type: 'bigint' | 'text',
  values: readonly (number | string)[],
): RawBuilder<boolean> {
  return values.length > 0 && values.length <= MOST_LISTED
    ? sql<boolean>`${column} IN (${sql.join(values)})`
    : sql<boolean>`${column} = ANY(${values}::${sql.raw(type)}[])`;
}
