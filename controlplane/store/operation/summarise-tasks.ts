import { sql, type Kysely } from 'kysely';
import { exitStatusOf, taskStatusOf, type ExitStatus, type TaskStatus } from '../../../shared/model/status.ts';
import type { Fault } from '../../../shared/model/fault.ts';
import type { Schema } from '../schema.ts';
import { STORED_FAULT } from '../tasks/fault-conditions.ts';
import { isVisible, type VisibleTasks } from '../tasks/task-conditions.ts';

/** Number of the tasks of one group that are alike in these fields. */
export interface TaskCount {
  readonly group: string;
  readonly status: TaskStatus;
  readonly exitStatus: ExitStatus;
  readonly cause: string | null;
  /** As it was stored with the cause; null when it follows from the exit status. */
  readonly fault: Fault | null;
  readonly count: number;
}

interface CountRow extends Omit<TaskCount, 'status' | 'exitStatus'> {
  readonly status: number;
  readonly exitStatus: number;
}

/** Counts all tasks, or those that somebody sees; groups without any are not in it. */
export async function summariseTasks(db: Kysely<Schema>, visible?: VisibleTasks): Promise<TaskCount[]> {
  const isTheirs = visible ? isVisible(visible) : sql`true`;
  const { rows } = await sql<CountRow>`
    SELECT group_name AS "group", status, exit_status, cause,
      ${STORED_FAULT} AS fault, count(*) AS count FROM task
    WHERE ${isTheirs} GROUP BY group_name, status, exit_status, cause, fault ORDER BY group_name, status`.execute(db);
  return rows.map((row) => ({
    ...row,
    status: taskStatusOf(row.status),
    exitStatus: exitStatusOf(row.exitStatus),
  }));
}
