import { sql, type Kysely, type RawBuilder, type Transaction } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import { PRIORITY, type Priority } from '../../../shared/model/status.ts';
import { EXIT, RESTING, SLOT, STATUS } from '../literals.ts';
import { insertRequests, type NewRequest } from '../outbox/requests.ts';
import type { Schema, TaskRow } from '../schema.ts';
import { PARENT_IS_STARTED } from '../tasks/startable.ts';
import { WAKES_AT_ONCE } from '../tasks/wakes.ts';
import { WAKE_CHANNEL } from '../wake-channel.ts';

export type ControlOutcome = 'done' | 'already' | 'unknown';

/** Returns the requests that report the change to outside services. Called with the task after the change. */
export type MakeReports = (task: TaskRow) => readonly NewRequest[];

/** Requests the termination of the task, which its next step carries out. `already`: the task has ended or was asked before. */
export async function requestTerminate(db: Kysely<Schema>, id: TaskId): Promise<ControlOutcome> {
  return control(
    db,
    id,
    sql`terminate_requested_at = now()`,
    sql`status <> ${STATUS.COMPLETE} AND terminate_requested_at IS NULL`,
  );
}

/** Pauses the task after its current step, until it is resumed. `already`: the task has ended or is paused. */
export async function pauseTask(db: Kysely<Schema>, id: TaskId, makeReports?: MakeReports): Promise<ControlOutcome> {
  const applies = sql`status <> ${STATUS.COMPLETE} AND NOT paused`;
  return changeWithReports(db, id, makeReports, (tx) => control(tx, id, sql`paused = true`, applies));
}

/** Ends the pause of the task. `already`: the task has ended or is not paused. */
export async function resumeTask(db: Kysely<Schema>, id: TaskId, makeReports?: MakeReports): Promise<ControlOutcome> {
  return changeWithReports(db, id, makeReports, (tx) =>
    control(tx, id, sql`paused = false`, sql`paused AND status <> ${STATUS.COMPLETE}`),
  );
}

/**
 * Changes the order in which claims take the task: before all others, or by a priority. Nothing is woken: the order applies at
 * the next claims of nodes, and the task's wait is not cut short. `already`: the task has ended or has this rank.
 */
export async function prioritiseTask(
  db: Kysely<Schema>,
  id: TaskId,
  rank: 'FIRST' | Priority,
): Promise<ControlOutcome> {
  const isFirst = rank === 'FIRST';
  const priority = isFirst ? sql`priority` : sql`${PRIORITY[rank]}::smallint`;
  const { numAffectedRows } = await sql`
    UPDATE task SET is_prioritized = ${isFirst}, priority = ${priority}
    WHERE id = ${id} AND status <> ${STATUS.COMPLETE}
      AND (is_prioritized <> ${isFirst} OR priority <> ${priority})`.execute(db);
  return numAffectedRows === 1n ? 'done' : whyUnchanged(db, id);
}

/**
 * From the start state once more: position, contexts, memory, inbox and messages are cleared; `entry` and the
 * numbers of attempts go on, so that no effect of the new run is mistaken for one of the old. A task under way keeps
 * its slot and its node loses the lease; a finished one queues again. Its container, if one lives, is no longer current:
 * its late signals do not touch the task, and the launch of the new run waits until it is resolved. A child whose parent is
 * over queues for a slot of its own.
 */
export async function restartTask(db: Kysely<Schema>, id: TaskId, makeReports?: MakeReports): Promise<ControlOutcome> {
  return changeWithReports(db, id, makeReports, async (tx) => {
    const outcome = await control(tx, id, RESTARTS, sql`status <> ${STATUS.NOT_STARTED}`);
    if (outcome === 'done') {
      await sql`UPDATE signal SET consumed_at = now(), used_at = coalesce(used_at, now())
        WHERE task_id = ${id} AND consumed_at IS NULL`.execute(tx);
    }
    return outcome;
  });
}

// When the parent has ended, its slot belongs to another task.
const HOLDS_NO_SLOT = sql`(status = ${STATUS.COMPLETE} OR (slot = ${SLOT.parent} AND NOT ${PARENT_IS_STARTED}))`;

const RESTARTS = sql`
  slot = CASE WHEN ${HOLDS_NO_SLOT} THEN ${SLOT.none} ELSE slot END,
  started_at = CASE WHEN ${HOLDS_NO_SLOT} THEN NULL ELSE now() END,
  status = ${STATUS.RESTARTED}, token = token + 1, owner = NULL, lease_until = NULL, takeovers = 0,
  state = NULL, entering = NULL, position = NULL, contexts = '{}', memory = '{}', timers = '{}',
  exit_status = ${EXIT.NOT_FINISHED}, exit_message = NULL, exit_detail = NULL, cause = NULL, end_cause = NULL, completed_at = NULL,
  wait_until = NULL, is_cut_by_signals = false, waits_for = NULL, terminate_requested_at = NULL, superseded_by = NULL,
  starts_after_maintenance = false, paused = false,
  current_attempt = NULL`;

/** Commits a change together with the requests that report it. */
async function changeWithReports(
  db: Kysely<Schema>,
  id: TaskId,
  makeReports: MakeReports | undefined,
  change: (tx: Transaction<Schema>) => Promise<ControlOutcome>,
): Promise<ControlOutcome> {
  return db.transaction().execute(async (tx) => {
    const outcome = await change(tx);
    if (outcome !== 'done' || !makeReports) return outcome;
    const task = await tx.selectFrom('task').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    await insertRequests(tx, id, makeReports(task));
    return outcome;
  });
}

async function control(
  db: Kysely<Schema>,
  id: TaskId,
  change: RawBuilder<unknown>,
  applies: RawBuilder<unknown>,
): Promise<ControlOutcome> {
  const { rows } = await sql`
    WITH changed AS (UPDATE task SET ${WAKES_AT_ONCE}, ${change} WHERE id = ${id} AND ${applies} RETURNING id, status)
    SELECT CASE WHEN status IN ${RESTING} THEN pg_notify(${WAKE_CHANNEL}, id::text) END FROM changed`.execute(db);
  return rows.length > 0 ? 'done' : whyUnchanged(db, id);
}

async function whyUnchanged(db: Kysely<Schema>, id: TaskId): Promise<ControlOutcome> {
  const known = await db.selectFrom('task').select('id').where('id', '=', id).executeTakeFirst();
  return known ? 'already' : 'unknown';
}
