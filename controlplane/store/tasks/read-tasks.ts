import { sql, type Kysely, type SqlBool } from 'kysely';
import type { TaskId, TaskUuid } from '../../../shared/model/ids.ts';
import { TASK_STATUS, taskStatusOf, type TaskStatus } from '../../../shared/model/status.ts';
import { FAILURE_MESSAGE } from '../../tasks/basic-wip.ts';
import { isAnyOf } from '../is-any-of.ts';
import type { Schema, TaskRow } from '../schema.ts';
import {
  conditionsOf,
  searchConditions,
  sourceConditions,
  when,
  type Condition,
  type TaskFilter,
} from './task-conditions.ts';

/** The columns that lists show. The big JSON columns stay in the database. */
const LISTED = [
  'id',
  'uuid',
  'workId',
  'parentId',
  'kind',
  'classVersion',
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
  'startsAfterMaintenance',
  'owner',
  'leaseUntil',
  'takeovers',
  'attempts',
  'currentAttempt',
] as const;
export interface ListedTask extends Pick<TaskRow, (typeof LISTED)[number]> {
  /** The beginning of the detail of a failure that no class has explained. The whole may be a megabyte. */
  readonly exitReason?: string | null;
}

/** As much as one sentence shows. */
const MAX_REASON = 1_000;
const EXIT_REASON = sql<
  string | null
>`CASE WHEN exit_message = ${FAILURE_MESSAGE} THEN left(exit_detail, ${MAX_REASON}) END`.as('exitReason');

/**
 * Tasks that one page searches for a text or a commit, which no index finds. 50,000 take 0.1 s (measured among a million, two
 * busy cores, November 2026), and all of a million would take seconds.
 */
const SEARCHED_TASKS = 50_000;

/**
 * Returns a page of tasks, newest first. A search reads only the newest tasks; `findSearchEnd` returns where it stopped. On the
 * first page a task whose number is the search text comes first, however old it is.
 */
export async function listTasks(db: Kysely<Schema>, filter: TaskFilter, most = SEARCHED_TASKS): Promise<ListedTask[]> {
  const conditions = [...conditionsOf(filter), ...sourceConditions(filter)];
  const searched = searchConditions(filter);
  if (searched.length === 0) return selectTasks(db, conditions, filter.limit);
  const id = numberOf(filter.text);
  const isNumbered = id !== null && filter.beforeId === undefined;
  const [numbered, found] = await Promise.all([
    isNumbered ? selectTasks(db, [...conditions, sql<SqlBool>`id = ${id}`], 1) : [],
    db
      .selectFrom(newestTasks(db, conditions, most).as('task'))
      .select([...LISTED, 'exitReason'])
      .where((where) => where.and([...searched, ...when(id ?? undefined, (one) => sql`id <> ${one}`)]))
      .orderBy('id', 'desc')
      .limit(filter.limit)
      .execute(),
  ]);
  return [...numbered, ...found].slice(0, filter.limit);
}

function selectTasks(db: Kysely<Schema>, conditions: readonly Condition[], limit: number): Promise<ListedTask[]> {
  return db
    .selectFrom('task')
    .select([...LISTED, EXIT_REASON])
    .where((where) => where.and(conditions))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

function newestTasks(db: Kysely<Schema>, conditions: readonly Condition[], most: number) {
  return db
    .selectFrom('task')
    .select([...LISTED, EXIT_REASON, 'options', 'memory'])
    .where((where) => where.and(conditions))
    .orderBy('id', 'desc')
    .limit(most);
}

/** Returns the task number in a text; null for a text that is not a possible task number. */
function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}

/** The point at which a search stopped before it had seen all tasks. */
export interface SearchEnd {
  /** The next page begins below it. */
  readonly id: TaskId;
  readonly createdAt: Date;
}

/** Returns the last task that `listTasks` searches with this filter; null when it searches all tasks. */
export async function findSearchEnd(
  db: Kysely<Schema>,
  filter: TaskFilter,
  most = SEARCHED_TASKS,
): Promise<SearchEnd | null> {
  if (searchConditions(filter).length === 0) return null;
  const conditions = [...conditionsOf(filter), ...sourceConditions(filter)];
  const end = await db
    .selectFrom('task')
    .select(['id', 'createdAt'])
    .where((where) => where.and(conditions))
    .orderBy('id', 'desc')
    .offset(most - 1)
    .limit(1)
    .executeTakeFirst();
  return end ?? null;
}

export async function findTask(
  db: Kysely<Schema>,
  by: { readonly id: TaskId } | { readonly uuid: TaskUuid },
): Promise<TaskRow | null> {
  const all = db.selectFrom('task').selectAll();
  const one = 'id' in by ? all.where('id', '=', by.id) : all.where('uuid', '=', by.uuid);
  return (await one.executeTakeFirst()) ?? null;
}

/** Returns the time of the database, by which leases end. */
export async function readNow(db: Kysely<Schema>): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`SELECT now() AS now`.execute(db);
  return rows[0]!.now;
}

/** Returns the number of tasks of each status; a status without tasks is absent. */
export async function countByStatus(db: Kysely<Schema>): Promise<Partial<Record<TaskStatus, number>>> {
  const { rows } = await sql<{ status: number; count: number }>`
    SELECT status, count(*) AS count FROM task GROUP BY status`.execute(db);
  return Object.fromEntries(rows.map(({ status, count }) => [taskStatusOf(status), count]));
}

/** Returns for each work id the started task for which the others with this id wait; free work ids are absent. */
export async function findWorkHolders(
  db: Kysely<Schema>,
  workIds: readonly string[],
): Promise<ReadonlyMap<string, TaskId>> {
  if (workIds.length === 0) return new Map();
  const holders = await db
    .selectFrom('task')
    .select(['id', 'workId'])
    .where(isAnyOf(sql`work_id`, 'text', workIds))
    .where('slot', '<>', 'none')
    .where('status', '<>', TASK_STATUS.COMPLETE)
    .execute();
  return new Map(holders.map(({ id, workId }) => [workId, id]));
}

/** Returns those of the tasks that have started and not ended, in whose slots their children start. */
export async function findStartedParents(db: Kysely<Schema>, ids: readonly TaskId[]): Promise<ReadonlySet<TaskId>> {
  if (ids.length === 0) return new Set();
  const started = await db
    .selectFrom('task')
    .select('id')
    .where(isAnyOf(sql`id`, 'bigint', ids))
    .where('slot', '<>', 'none')
    .where('status', '<>', TASK_STATUS.COMPLETE)
    .execute();
  return new Set(started.map(({ id }) => id));
}
