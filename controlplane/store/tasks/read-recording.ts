import type { Kysely, Selectable } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { Schema } from '../schema.ts';
import type { StepTable, TaskLogTable } from '../schema/task-tables.ts';

export interface ReadAfter {
  /** Only rows with a greater id; 0 for all. */
  readonly after: number;
  readonly limit: number;
}

export type StepRow = Selectable<StepTable>;
export type LogEntry = Selectable<TaskLogTable>;

/** Oldest first. */
export async function readSteps(db: Kysely<Schema>, taskId: TaskId, from: ReadAfter): Promise<StepRow[]> {
  return db
    .selectFrom('step')
    .selectAll()
    .where('taskId', '=', taskId)
    .where('id', '>', from.after)
    .orderBy('id')
    .limit(from.limit)
    .execute();
}

/** Oldest first. */
export async function readLogs(
  db: Kysely<Schema>,
  taskId: TaskId,
  from: ReadAfter & { readonly only: 'user-readable' | 'all' },
): Promise<LogEntry[]> {
  return db
    .selectFrom('taskLog')
    .selectAll()
    .where('taskId', '=', taskId)
    .where('id', '>', from.after)
    .$if(from.only === 'user-readable', (query) => query.where('isUserReadable', '=', true))
    .orderBy('id')
    .limit(from.limit)
    .execute();
}
