import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { TaskId, TaskUuid } from '../../../shared/model/ids.ts';
import { PRIORITY, TASK_STATUS, taskStatusOf, type Priority, type TaskStatus } from '../../../shared/model/status.ts';
import type { Schema, TaskRow } from '../schema.ts';

/** The tasks that somebody sees who does not see all: their own, and those of some groups. */
export interface VisibleTasks {
  readonly createdBy: string;
  readonly groups: readonly string[];
}

export function isVisible({ createdBy, groups }: VisibleTasks): RawBuilder<boolean> {
  return sql<boolean>`(created_by = ${createdBy} OR group_name = ANY(${groups}::text[]))`;
}

export interface TaskFilter {
  readonly visible?: VisibleTasks;
  readonly statuses?: readonly TaskStatus[];
  readonly group?: string;
  readonly cause?: string;
  readonly priority?: Priority;
  readonly uuid?: TaskUuid;
  readonly parentId?: TaskId;
  readonly createdBy?: string;
  /** As its submitter gave it; the row holds it behind the name of the submitter, "ann/job-7". */
  readonly clientJobId?: string;
  readonly isPaused?: boolean;
  /** Only tasks with a smaller id: pages go from the newest to the oldest. */
  readonly beforeId?: TaskId;
  readonly limit: number;
}

/** The columns that lists show. The big JSON columns stay in the database. */
const LISTED = [
  'id',
  'uuid',
  'workId',
  'parentId',
  'kind',
  'title',
  'groupName',
  'priority',
  'isPrioritized',
  'status',
  'slot',
  'state',
  'entering',
  'exitStatus',
  'exitMessage',
  'cause',
  'endCause',
  'createdBy',
  'clientJobId',
  'createdAt',
  'startedAt',
  'completedAt',
  'wakeAt',
  'waitsFor',
  'waitReason',
  'paused',
  'terminateRequestedAt',
  'owner',
  'takeovers',
  'attempts',
  'currentAttempt',
] as const;
export type ListedTask = Pick<TaskRow, (typeof LISTED)[number]>;

/** Newest first. */
export async function listTasks(db: Kysely<Schema>, filter: TaskFilter): Promise<ListedTask[]> {
  const { statuses, group, cause, priority, uuid, parentId, createdBy, clientJobId, isPaused, beforeId } = filter;
  return db
    .selectFrom('task')
    .select(LISTED)
    .$if(statuses !== undefined, (query) =>
      query.where(
        'status',
        'in',
        statuses!.map((name) => TASK_STATUS[name]),
      ),
    )
    .$if(group !== undefined, (query) => query.where('groupName', '=', group!))
    .$if(cause !== undefined, (query) => query.where('cause', '=', cause!))
    .$if(parentId !== undefined, (query) => query.where('parentId', '=', parentId!))
    .$if(filter.visible !== undefined, (query) => query.where(isVisible(filter.visible!)))
    .$if(createdBy !== undefined, (query) => query.where('createdBy', '=', createdBy!))
    .$if(priority !== undefined, (query) => query.where('priority', '=', PRIORITY[priority!]))
    .$if(uuid !== undefined, (query) => query.where('uuid', '=', uuid!))
    .$if(clientJobId !== undefined, (query) =>
      query.where('clientJobId', '=', sql<string>`created_by || '/' || ${clientJobId!}::text`),
    )
    .$if(isPaused !== undefined, (query) => query.where('paused', '=', isPaused!))
    .$if(beforeId !== undefined, (query) => query.where('id', '<', beforeId!))
    .orderBy('id', 'desc')
    .limit(filter.limit)
    .execute();
}

export async function findTask(
  db: Kysely<Schema>,
  by: { readonly id: TaskId } | { readonly uuid: TaskUuid },
): Promise<TaskRow | null> {
  const all = db.selectFrom('task').selectAll();
  const one = 'id' in by ? all.where('id', '=', by.id) : all.where('uuid', '=', by.uuid);
  return (await one.executeTakeFirst()) ?? null;
}

/** How many tasks there are of each status that occurs. */
export async function countByStatus(db: Kysely<Schema>): Promise<Partial<Record<TaskStatus, number>>> {
  const { rows } = await sql<{ status: number; count: number }>`
    SELECT status, count(*) AS count FROM task GROUP BY status`.execute(db);
  return Object.fromEntries(rows.map(({ status, count }) => [taskStatusOf(status), count]));
}

/** Returns for each work id the started task that keeps the others with it waiting; free work ids are absent. */
export async function findWorkHolders(
  db: Kysely<Schema>,
  workIds: readonly string[],
): Promise<ReadonlyMap<string, TaskId>> {
  if (workIds.length === 0) return new Map();
  const holders = await db
    .selectFrom('task')
    .select(['id', 'workId'])
    // One array and not a list: a text for each number of ids would be a prepared statement each.
    .where(sql<boolean>`work_id = ANY(${workIds}::text[])`)
    .where('slot', '<>', 'none')
    .where('status', '<>', TASK_STATUS.COMPLETE)
    .execute();
  return new Map(holders.map(({ id, workId }) => [workId, id]));
}
