import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely';
import type { Fault } from '../../../shared/model/fault.ts';
import type { TaskId, TaskUuid } from '../../../shared/model/ids.ts';
import {
  EXIT_STATUS,
  PRIORITY,
  TASK_STATUS,
  taskStatusOf,
  type ExitStatus,
  type Priority,
  type TaskStatus,
} from '../../../shared/model/status.ts';
import type { Schema, TaskRow } from '../schema.ts';
import { BRANCH, COMMIT, REPOSITORY } from './read-progress.ts';

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
  /** Only some of these. */
  readonly ids?: readonly TaskId[];
  readonly statuses?: readonly TaskStatus[];
  readonly exits?: readonly ExitStatus[];
  readonly group?: string;
  readonly cause?: string;
  readonly fault?: Fault;
  readonly priority?: Priority;
  readonly uuid?: TaskUuid;
  readonly parentId?: TaskId;
  readonly createdBy?: string;
  /** As its submitter gave it; the row holds it behind the name of the submitter, "ann/job-7". */
  readonly clientJobId?: string;
  readonly isPaused?: boolean;
  /** Without user and password, as the API shows it. */
  readonly repository?: string;
  readonly branch?: string;
  /** The beginning of the hash is enough. */
  readonly commit?: string;
  /** Added at this instant or later. */
  readonly since?: Date;
  /** Added before this instant. */
  readonly until?: Date;
  /** Part of the title, repository or branch, or the number of the task. */
  readonly text?: string;
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
  const conditions = [...conditionsOf(filter), ...sourceConditions(filter)];
  return db
    .selectFrom('task')
    .select(LISTED)
    .where((where) => where.and(conditions))
    .orderBy('id', 'desc')
    .limit(filter.limit)
    .execute();
}

type Condition = RawBuilder<SqlBool>;

/** A condition for each field that is given. */
function conditionsOf(filter: TaskFilter): Condition[] {
  const numbers = (table: Readonly<Record<string, number>>, names: readonly string[]): number[] =>
    names.map((name) => table[name] ?? -1);
  return [
    when(filter.visible, isVisible),
    when(filter.ids, (ids) => sql`id = ANY(${ids}::bigint[])`),
    when(filter.statuses, (names) => sql`status = ANY(${numbers(TASK_STATUS, names)}::smallint[])`),
    when(filter.exits, (names) => sql`exit_status = ANY(${numbers(EXIT_STATUS, names)}::smallint[])`),
    when(filter.group, (group) => sql`group_name = ${group}`),
    when(filter.cause, (cause) => sql`cause = ${cause}`),
    // The stored end is the task's only while it names the task's cause.
    when(filter.fault, (fault) => sql`end_cause ->> 'fault' = ${fault} AND end_cause ->> 'cause' = cause`),
    when(filter.parentId, (id) => sql`parent_id = ${id}`),
    when(filter.createdBy, (name) => sql`created_by = ${name}`),
    when(filter.priority, (name) => sql`priority = ${PRIORITY[name]}`),
    when(filter.uuid, (uuid) => sql`uuid = ${uuid}`),
    when(filter.clientJobId, (id) => sql`client_job_id = created_by || '/' || ${id}::text`),
    when(filter.isPaused, (isPaused) => sql`paused = ${isPaused}`),
    when(filter.since, (since) => sql`created_at >= ${since}`),
    when(filter.until, (until) => sql`created_at < ${until}`),
    when(filter.beforeId, (id) => sql`id < ${id}`),
  ].flat();
}

function sourceConditions({ repository, branch, commit, text }: TaskFilter): Condition[] {
  return [
    when(repository, (name) => sql`${REPOSITORY} = ${name}`),
    when(branch, (name) => sql`${BRANCH} = ${name}`),
    when(commit, (start) => sql`starts_with(${COMMIT}, ${start})`),
    when(text, (part) => {
      const like = `%${part.replace(/[%_\\]/g, '\\$&')}%`;
      return sql`(title ILIKE ${like} OR ${REPOSITORY} ILIKE ${like} OR ${BRANCH} ILIKE ${like} OR id::text = ${part})`;
    }),
  ].flat();
}

function when<T>(value: T | undefined, condition: (value: T) => RawBuilder<unknown>): Condition[] {
  return value === undefined ? [] : [condition(value) as Condition];
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
