import { sql, type RawBuilder, type SqlBool } from 'kysely';
import type { Fault } from '../../../shared/model/fault.ts';
import type { TaskId, TaskUuid } from '../../../shared/model/ids.ts';
import {
  EXIT_STATUS,
  PRIORITY,
  TASK_STATUS,
  type ExitStatus,
  type Priority,
  type TaskStatus,
} from '../../../shared/model/status.ts';
import { hasFault } from './fault-conditions.ts';
import { BRANCH, COMMIT, REPOSITORY } from './read-progress.ts';

/** The tasks that a restricted caller may see: its own, and those of some groups. */
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
  /** The id as the submitter gave it; the row stores it after the name of the submitter, "ann/job-7". */
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

/** A task of another kind may have an option of the same name. Only builds have a branch and a commit. */
const BUILDS = sql<boolean>`${REPOSITORY} IS NOT NULL`;

export type Condition = RawBuilder<SqlBool>;

/** A condition for each field that is given. */
export function conditionsOf(filter: TaskFilter): Condition[] {
  const numbers = (table: Readonly<Record<string, number>>, names: readonly string[]): number[] =>
    names.map((name) => table[name] ?? -1);
  return [
    when(filter.visible, isVisible),
    when(filter.ids, (ids) => sql`id = ANY(${ids}::bigint[])`),
    when(filter.statuses, (names) => sql`status = ANY(${numbers(TASK_STATUS, names)}::smallint[])`),
    when(filter.exits, (names) => sql`exit_status = ANY(${numbers(EXIT_STATUS, names)}::smallint[])`),
    when(filter.group, (group) => sql`group_name = ${group}`),
    when(filter.cause, (cause) => sql`cause = ${cause}`),
    when(filter.fault, hasFault),
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

export function sourceConditions({ repository, branch }: TaskFilter): Condition[] {
  return [
    // Compares the repository as it was given, including a user that the view leaves out.
    when(repository, (name) => sql`${REPOSITORY} = wip_repository(jsonb_build_object('vcsUri', ${name}::text))`),
    when(branch, (name) => sql`(${BUILDS} AND ${BRANCH} = ${name})`),
  ].flat();
}

/** Returns the conditions that no index serves, so that each task must be read. */
export function searchConditions({ commit, text }: TaskFilter): Condition[] {
  return [
    when(commit, (start) => sql`(${BUILDS} AND starts_with(${COMMIT}, ${start}))`),
    when(text, (part) => {
      const like = `%${part.replace(/[%_\\]/g, '\\$&')}%`;
      return sql`(title ILIKE ${like} OR ${REPOSITORY} ILIKE ${like} OR (${BUILDS} AND ${BRANCH} ILIKE ${like}))`;
    }),
  ].flat();
}

/** Returns the condition of a value that is given; none for another. */
export function when<T>(value: T | undefined, condition: (value: T) => RawBuilder<unknown>): Condition[] {
  return value === undefined ? [] : [condition(value) as Condition];
}
