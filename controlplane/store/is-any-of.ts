import { sql, type RawBuilder } from 'kysely';

// Every number of values makes a statement of its own, and a connection keeps some hundred prepared statements.
const MOST_LISTED = 4;

/**
 * Condition: the column is one of these values. A few values become separate parameters: PostgreSQL estimates an array parameter
 * at ten elements, which makes the generic plan look more expensive than it is, so it would plan the statement anew each time.
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
