import { sql, type Kysely, type Transaction } from 'kysely';
import { PRIORITY, type Priority } from '../../../shared/model/status.ts';
import type { TaskId, TaskUuid } from '../../../shared/model/ids.ts';
import { json, type JsonObject } from '../json.ts';
import { cleanText } from '../json-text.ts';
import { insertRequests, type NewRequest } from '../outbox/requests.ts';
import type { Schema } from '../schema.ts';
import { WAKE_CHANNEL } from '../wake-channel.ts';
import { endSuperseded, lockSupersedeKey } from './supersede.ts';

export interface NewTask {
  /** Given when something (sealed options) depends on it already; otherwise the database makes it. */
  readonly uuid?: string;
  readonly kind: string;
  readonly classVersion: string;
  readonly title: string;
  readonly group: string;
  readonly priority: Priority;
  /** Tasks with the same work id run one after the other. */
  readonly workId: string;
  /** Secret fields are sealed text already. */
  readonly options: JsonObject;
  readonly maxRunSeconds?: number | null;
  readonly parentId?: TaskId | null;
  readonly createdBy?: string | null;
  /** The caller's own name for this request: the same one again adds nothing and returns the first task. */
  readonly clientJobId?: string | null;
  /** Digests that tell a repetition from another order under the same clientJobId. */
  readonly jobDigest?: Readonly<Record<string, string>> | null;
  /** Earlier tasks with the same key that have not ended are asked to end: this one supersedes them. */
  readonly supersedeKey?: string | null | undefined;
  /** Starts once no maintenance is on. */
  readonly startsAfterMaintenance?: boolean | undefined;
  /** Requests to services outside that tell of the new task. */
  readonly requests?: readonly NewRequest[];
}

export interface AddedTask {
  readonly id: TaskId;
  readonly uuid: TaskUuid;
  /** false: a task with this clientJobId was there already. */
  readonly created: boolean;
  /** Digest of the order of the existing task; null when it is not known. */
  readonly earlierDigest: Readonly<Record<string, string>> | null;
  /** The tasks that were asked to end, because this one supersedes them. */
  readonly superseded: readonly TaskId[];
}

/** Adds a task, runnable at once. Its group is made with the default limit when it is new. */
export async function addTask(db: Kysely<Schema>, task: NewTask): Promise<AddedTask> {
  // One statement is a transaction by itself, without the two round trips of BEGIN and COMMIT.
  const isOneStatement = (task.supersedeKey ?? null) === null && (task.requests ?? []).length === 0;
  return isOneStatement ? insertRow(db, task) : db.transaction().execute((tx) => insertTask(tx, task));
}

/** Adds a task within a transaction of the caller's. */
export async function insertTask(tx: Transaction<Schema>, task: NewTask): Promise<AddedTask> {
  const supersedeKey = task.supersedeKey ?? null;
  if (supersedeKey !== null) await lockSupersedeKey(tx, supersedeKey);
  const added = await insertRow(tx, task);
  if (!added.created) return added;
  await insertRequests(tx, added.id, task.requests ?? []);
  return { ...added, superseded: supersedeKey === null ? [] : await endSuperseded(tx, added.id, supersedeKey) };
}

/** Adds the row, or finds the one that has its clientJobId. */
async function insertRow(db: Kysely<Schema>, task: NewTask): Promise<AddedTask> {
  const { rows } = await sql<Pick<AddedTask, 'id' | 'uuid'>>`
      WITH grouped AS (INSERT INTO group_limit (name) VALUES (${task.group}) ON CONFLICT DO NOTHING),
      added AS (
        INSERT INTO task (uuid, work_id, parent_id, kind, class_version, title, group_name, priority, options, created_by,
                          client_job_id, job_digest, max_run_seconds, supersede_key, starts_after_maintenance)
        VALUES (coalesce(${task.uuid ?? null}::uuid, gen_random_uuid()), ${task.workId}, ${task.parentId ?? null}, ${task.kind}, ${task.classVersion}, ${cleanText(task.title)},
                ${task.group}, ${PRIORITY[task.priority]}, ${json(task.options)}, ${task.createdBy ?? null},
                ${task.clientJobId ?? null}, ${task.jobDigest ? json(task.jobDigest) : null}, ${task.maxRunSeconds ?? null},
                ${task.supersedeKey ?? null}, ${task.startsAfterMaintenance ?? false})
        ON CONFLICT (client_job_id) DO NOTHING
        RETURNING id, uuid)
      SELECT id, uuid, true AS created, pg_notify(${WAKE_CHANNEL}, id::text) AS told FROM added`.execute(db);
  const added = rows[0];
  if (added) return { id: added.id, uuid: added.uuid, created: true, earlierDigest: null, superseded: [] };
  // A separate statement, because only a new snapshot sees a row that another transaction has just committed.
  const earlier = await db
    .selectFrom('task')
    .select(['id', 'uuid', 'jobDigest'])
    .where('clientJobId', '=', task.clientJobId ?? '')
    .executeTakeFirstOrThrow();
  return { id: earlier.id, uuid: earlier.uuid, created: false, earlierDigest: earlier.jobDigest, superseded: [] };
}
