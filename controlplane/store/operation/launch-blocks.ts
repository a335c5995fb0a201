import { sql, type Kysely } from 'kysely';
import { STATUS } from '../literals.ts';
import type { Schema } from '../schema.ts';

/** A reason for which tasks wait to be launched. */
export interface LaunchBlock {
  /** The code of the wait, such as `no-capacity` or `access-denied`. */
  readonly code: string;
  /** Completes "They wait because …", in the words of one of the tasks. */
  readonly clause: string;
  readonly remedy: string | null;
  /** How long the first of them has waited. */
  readonly seconds: number;
  readonly tasks: number;
}

// A launch is repeated after five minutes at the latest (containers/launch-backoff.ts). A reason that was not reported for longer
// no longer applies.
const FORGET_MINUTES = 10;

/** Returns why containers cannot be launched at present; the reason that has lasted longest comes first. */
export async function listLaunchBlocks(db: Kysely<Schema>): Promise<LaunchBlock[]> {
  const { rows } = await sql<LaunchBlock>`
    SELECT wait_reason ->> 'code' AS code, min(wait_reason ->> 'clause') AS clause, min(wait_reason ->> 'remedy') AS remedy,
      extract(epoch FROM now() - min((wait_reason ->> 'since')::timestamptz))::float8 AS seconds, count(*)::integer AS tasks
    FROM task
    WHERE wait_reason ->> 'isForRoom' = 'true' AND status IN (${STATUS.WAITING}, ${STATUS.PROCESSING})
      AND (waits_for IS NULL OR waits_for = wait_reason ->> 'clause')
      AND (wait_reason ->> 'last')::timestamptz > now() - make_interval(mins => ${FORGET_MINUTES})
    GROUP BY 1 ORDER BY seconds DESC`.execute(db);
  return rows;
}
