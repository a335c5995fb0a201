import { sql, type Kysely, type Selectable } from 'kysely';
import { exitStatusOf, type ExitStatus } from '../../../shared/model/status.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { STATUS } from '../literals.ts';
import type { AttemptRow, Schema, TaskRow } from '../schema.ts';
import type { EffectTable, StepTable } from '../schema/task-tables.ts';

/** An executed entry of a state. */
export type TracedEntry = Pick<Selectable<StepTable>, 'entry' | 'fromState' | 'value' | 'state' | 'startedAt' | 'note'>;
export type TracedEffect = Pick<
  Selectable<EffectTable>,
  'key' | 'name' | 'scope' | 'state' | 'createdAt' | 'settledAt'
>;

/** The recorded last run of an ended task. */
export interface TaskTrace {
  readonly task: Pick<TaskRow, 'id' | 'uuid' | 'kind' | 'groupName' | 'createdAt' | 'cause' | 'endCause'> & {
    readonly startedAt: Date;
    readonly completedAt: Date;
    readonly exitStatus: ExitStatus;
  };
  /** In the order in which they were entered. */
  readonly entries: readonly TracedEntry[];
  readonly attempts: readonly AttemptRow[];
  readonly effects: readonly TracedEffect[];
}

// A task that loops for a day has more entries, but collectors accept only some megabytes at once.
const MOST_ROWS = 2_000;

/** Returns null for a task that is gone, or that somebody has restarted since. */
export async function readTaskTrace(db: Kysely<Schema>, id: TaskId): Promise<TaskTrace | null> {
  const row = await db
    .selectFrom('task')
    .selectAll()
    .where('id', '=', id)
    .where('status', '=', sql<number>`${STATUS.COMPLETE}`)
    .executeTakeFirst();
  if (!row?.completedAt) return null;
  // A task that was ended before it started has never run.
  const startedAt = row.startedAt ?? row.completedAt;
  // The start of a step is measured backwards from its save, in whole milliseconds.
  const since = sql<Date>`${startedAt}::timestamptz - interval '10 milliseconds'`;
  const [entries, attempts, effects] = await Promise.all([
    db
      .selectFrom('step')
      .select(['entry', 'fromState', 'value', 'state', 'startedAt', 'note'])
      .where('taskId', '=', id)
      .where('executed', '=', true)
      .where('startedAt', '>=', since)
      .orderBy('id')
      .limit(MOST_ROWS)
      .execute(),
    db
      .selectFrom('containerAttempt')
      .selectAll()
      .where('taskId', '=', id)
      .where('createdAt', '>=', since)
      .orderBy('number')
      .execute(),
    db
      .selectFrom('effect')
      .select(['key', 'name', 'scope', 'state', 'createdAt', 'settledAt'])
      .where('taskId', '=', id)
      .where('createdAt', '>=', since)
      .orderBy('createdAt')
      .limit(MOST_ROWS)
      .execute(),
  ]);
  const task = { ...row, startedAt, completedAt: row.completedAt, exitStatus: exitStatusOf(row.exitStatus) };
  return { task, entries, attempts, effects };
}
