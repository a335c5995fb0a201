import { sql, type Kysely } from 'kysely';
import { exitStatusOf, type ExitStatus } from '../../../shared/model/status.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { LaunchInstants } from '../../containers/launch-phases.ts';
import { json } from '../json.ts';
import { STATUS } from '../literals.ts';
import type { Schema } from '../schema.ts';
import { insertTask, type NewTask } from '../tasks/add-task.ts';

/** Name in `setting`: when the schedule last added a canary. */
const SCHEDULE = 'canarySchedule';
/** Name in `setting`: the failed canary of the last alarm. It is there while the alarm lasts. */
const ALARM = 'canaryAlarm';

/**
 * Adds a canary if none was added in the interval and none is under way; otherwise returns null. Time and schedule are the
 * database's, so of any number of nodes only one adds it.
 */
export async function addDueCanary(db: Kysely<Schema>, task: NewTask, intervalSeconds: number): Promise<TaskId | null> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql`
      INSERT INTO setting (name, value)
      SELECT ${SCHEDULE}, ${json(intervalSeconds)} WHERE NOT EXISTS (
        SELECT FROM task WHERE kind = ${task.kind}
          AND status IN (${STATUS.NOT_STARTED}, ${STATUS.WAITING}, ${STATUS.PROCESSING}, ${STATUS.RESTARTED}))
      ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value, updated_at = now()
        WHERE setting.updated_at <= now() - make_interval(secs => ${intervalSeconds})
      RETURNING name`.execute(tx);
    return rows.length === 0 ? null : (await insertTask(tx, task)).id;
  });
}

export interface CanaryEnd {
  readonly id: TaskId;
  readonly exitStatus: ExitStatus;
  readonly cause: string | null;
  readonly message: string | null;
  readonly completedAt: Date;
  readonly launch: LaunchInstants;
}

interface EndRow extends Omit<CanaryEnd, 'exitStatus' | 'launch'>, Record<keyof LaunchInstants, string | null> {
  readonly exitStatus: number;
}

/** Returns the ended tasks of this kind that are kept, the newest first, with the launch of their last container. */
export async function readEndedCanaries(db: Kysely<Schema>, kind: string, limit: number): Promise<CanaryEnd[]> {
  const { rows } = await sql<EndRow>`
    SELECT task.id, exit_status, task.cause, exit_message AS message, completed_at, to_json(task.created_at)#>>'{}' AS added_at,
      to_json(task.started_at)#>>'{}' AS started_at, to_json(attempt.launched_at)#>>'{}' AS launched_at,
      attempt.ecs_witness->'look'->>'pullStartedAt' AS pull_started_at,
      attempt.ecs_witness->'look'->>'pullStoppedAt' AS pull_stopped_at,
      coalesce(attempt.ecs_witness->'look'->>'startedAt', to_json(attempt.running_at)#>>'{}') AS running_at,
      to_json(attempt.enrolled_at)#>>'{}' AS enrolled_at, to_json(attempt.ready_at)#>>'{}' AS ready_at, to_json(attempt.ssh_verified_at)#>>'{}' AS verified_at
    FROM task LEFT JOIN LATERAL (
      SELECT * FROM container_attempt WHERE task_id = task.id ORDER BY number DESC LIMIT 1) attempt ON true
    WHERE group_name = ${kind} AND kind = ${kind} AND status = ${STATUS.COMPLETE}
    ORDER BY completed_at DESC LIMIT ${limit}`.execute(db);
  return rows.map(({ id, exitStatus, cause, message, completedAt, addedAt, ...launch }) => ({
    id,
    exitStatus: exitStatusOf(exitStatus),
    cause,
    message,
    completedAt,
    launch: { ...launch, addedAt: addedAt ?? completedAt.toISOString() },
  }));
}

/** Returns true to one caller for each failed canary: the node that raises the alarm. */
export async function takeCanaryAlarm(db: Kysely<Schema>, failed: TaskId): Promise<boolean> {
  const { rows } = await sql`
    INSERT INTO setting (name, value) VALUES (${ALARM}, ${json(failed)})
    ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value, updated_at = now() WHERE setting.value <> EXCLUDED.value
    RETURNING name`.execute(db);
  return rows.length > 0;
}

/** Returns true to the caller that ends the alarm, and false when there is none. */
export async function endCanaryAlarm(db: Kysely<Schema>): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('setting').where('name', '=', ALARM).executeTakeFirst();
  return numDeletedRows > 0n;
}
