import { sql, type Kysely } from 'kysely';
import { SLEEPING, STATUS } from '../literals.ts';
import type { Schema } from '../schema.ts';
import { isGloballyPaused, isPastMaintenance, isQueued, isRunnableBy, type Claim } from './queue.ts';

/** What a claim could start, read without locks. An admission checks it again under locks. */
export interface Ahead {
  /** Whether there are queued tasks that need no room in their group. */
  readonly withoutRoom: boolean;
  /** Groups with room and queued tasks. */
  readonly groups: readonly string[];
  /** Milliseconds until something becomes claimable by time alone (0: just now); null when nothing ever will. */
  readonly nextWakeInMs: number | null;
}

// A task that has been due for longer than this was skipped by a claim for a reason that time does not change (a pause, a class
// that the node has not loaded). Such a task must not keep the node awake. A task that became due since the last claim still
// counts.
const JUST_DUE = sql`now() - interval '250 milliseconds'`;

/**
 * Finds out with one cheap statement whether an admission can succeed. Mostly there is nothing to admit, and an idle node sends
 * no other query. The first queued task of a group is found by LIMIT and not by EXISTS, which PostgreSQL turns into a join with
 * all queued tasks.
 */
export async function lookAhead(db: Kysely<Schema>, claim: Pick<Claim, 'kinds'>): Promise<Ahead> {
  const { rows } = await sql<Ahead>`
    SELECT
      EXISTS (SELECT FROM task WHERE ${isQueued} AND (parent_id IS NOT NULL OR terminate_requested_at IS NOT NULL))
        AS without_room,
      ARRAY(SELECT name FROM group_limit
        CROSS JOIN LATERAL (SELECT FROM task WHERE ${isQueued} AND group_name = group_limit.name AND NOT paused
          AND ${isPastMaintenance} AND wake_at <= now() AND ${isRunnableBy(claim)} LIMIT 1) AS queued
        WHERE running < max_running AND pause IS NULL AND NOT ${isGloballyPaused}) AS groups,
      (SELECT CASE WHEN next IS NOT NULL THEN greatest(0, 1000 * extract(epoch FROM next - now()))::float8 END
        FROM (SELECT least((SELECT min(wake_at) FROM task WHERE status IN ${SLEEPING} AND wake_at > ${JUST_DUE}),
                           (SELECT min(lease_until) FROM task WHERE status = ${STATUS.PROCESSING} AND lease_until > ${JUST_DUE})) AS next)
          AS times) AS next_wake_in_ms`.execute(db);
  return rows[0] ?? { withoutRoom: false, groups: [], nextWakeInMs: null };
}
