import { sql, type RawBuilder } from 'kysely';
import { Fault } from '../../../shared/model/fault.ts';
import { EXIT_STATUS, type ExitStatus } from '../../../shared/model/status.ts';
import { faultOfExit } from '../../containers/causes/end-cause.ts';
import { EXIT } from '../literals.ts';

/** The fault that was stored with the cause of a task; null when its cause was written by a node that stores none. */
export const STORED_FAULT = sql<Fault | null>`CASE WHEN end_cause ->> 'cause' IS NOT DISTINCT FROM cause THEN end_cause ->> 'fault' END`;

const STATUSES = Object.keys(EXIT_STATUS) as ExitStatus[];
const STORED: readonly (Fault | null)[] = [...Fault.options, null];

/**
 * Condition: `faultOfExit` returns this fault for the task. It is built by calling `faultOfExit` for every possible end, so that
 * a list filtered by a fault has exactly the tasks that show it.
 */
export function hasFault(fault: Fault): RawBuilder<boolean> {
  const ends = STATUSES.flatMap((status) => {
    const stored = STORED.filter((each) => faultOfExit(status, each) === fault);
    return stored.length === 0 ? [] : [endsWith(status, stored)];
  });
  return sql<boolean>`(${sql.join(ends, sql` OR `)})`;
}

function endsWith(status: ExitStatus, stored: readonly (Fault | null)[]): RawBuilder<unknown> {
  const named = stored.filter((each) => each !== null);
  const isStored = sql`${STORED_FAULT} = ANY(${named}::text[])`;
  const either = stored.includes(null) ? sql`(${isStored} OR ${STORED_FAULT} IS NULL)` : isStored;
  return sql`(exit_status = ${EXIT[status]} AND ${either})`;
}
