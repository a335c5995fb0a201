import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Fault } from '../../../shared/model/fault.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { exitStatusOf, type ExitStatus } from '../../../shared/model/status.ts';
import { EXIT, STATUS } from '../literals.ts';
import type { Schema, TaskRow } from '../schema.ts';
import { STORED_FAULT } from './fault-conditions.ts';
import { isVisible, type VisibleTasks } from './task-conditions.ts';

/** The number of failed tasks with the same cause and fault. */
export interface CauseCount {
  readonly cause: string | null;
  readonly exitStatus: ExitStatus;
  /** As it was stored with the cause; null when it follows from the exit status. */
  readonly fault: Fault | null;
  readonly count: number;
  readonly lastAt: Date;
  readonly lastId: TaskId;
}

// The text must be the same as in the indexes of migration 19.
const FAILED = sql`status = ${STATUS.COMPLETE} AND exit_status IN (${EXIT.ERROR_SYSTEM}, ${EXIT.ERROR_USER})`;

function isTheirs(visible: VisibleTasks | undefined): RawBuilder<unknown> {
  return visible ? isVisible(visible) : sql`true`;
}

/** Counts the tasks that have failed within a period, the most frequent cause first. */
export async function countCauses(
  db: Kysely<Schema>,
  period: { readonly since: Date; readonly until: Date },
  visible?: VisibleTasks,
): Promise<CauseCount[]> {
  const { rows } = await sql<Omit<CauseCount, 'exitStatus'> & { exitStatus: number }>`
    SELECT cause, exit_status, ${STORED_FAULT} AS fault,
      count(*) AS count, max(completed_at) AS last_at, (array_agg(id ORDER BY completed_at DESC))[1] AS last_id
    FROM task WHERE ${FAILED} AND completed_at >= ${period.since} AND completed_at < ${period.until} AND ${isTheirs(visible)}
    GROUP BY 1, 2, 3 ORDER BY count DESC, last_at DESC`.execute(db);
  return rows.map((row) => ({ ...row, exitStatus: exitStatusOf(row.exitStatus) }));
}

export interface SeenBefore {
  readonly count: number;
  readonly lastAt: Date | null;
  readonly lastId: TaskId | null;
}

/** Counts up to `limit` earlier tasks of the group that have failed with the same cause. */
export async function countSeenBefore(
  db: Kysely<Schema>,
  { id, groupName, cause, completedAt }: Pick<TaskRow, 'id' | 'groupName' | 'cause' | 'completedAt'>,
  { limit, visible }: { readonly limit: number; readonly visible?: VisibleTasks | undefined },
): Promise<SeenBefore> {
  const { rows } = await sql<SeenBefore>`
    SELECT count(*) AS count, max(completed_at) AS last_at, (array_agg(id))[1] AS last_id FROM (
      SELECT id, completed_at FROM task
      WHERE ${FAILED} AND group_name = ${groupName} AND cause = ${cause} AND id <> ${id} AND completed_at <= ${completedAt}
        AND ${isTheirs(visible)}
      ORDER BY completed_at DESC LIMIT ${limit}) before`.execute(db);
  return rows[0] ?? { count: 0, lastAt: null, lastId: null };
}
