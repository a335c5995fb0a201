import { sql, type Kysely } from 'kysely';
import type { AttemptUuid, CallbackId, TaskId } from '../../../shared/model/ids.ts';
import { TASK_STATUS } from '../../../shared/model/status.ts';
import { LIVE_STATES } from '../literals.ts';
import type { AttemptRow, Schema } from '../schema.ts';
import type { StopFailure } from '../schema/container-tables.ts';

export type AttemptAddress =
  | { readonly callbackId: CallbackId }
  | { readonly uuid: AttemptUuid }
  | { readonly taskId: TaskId; readonly number: number };

export async function findAttempt(db: Kysely<Schema>, by: AttemptAddress): Promise<AttemptRow | null> {
  const all = db.selectFrom('containerAttempt').selectAll();
  const one =
    'callbackId' in by
      ? all.where('callbackId', '=', by.callbackId)
      : 'uuid' in by
        ? all.where('uuid', '=', by.uuid)
        : all.where('taskId', '=', by.taskId).where('number', '=', by.number);
  return (await one.executeTakeFirst()) ?? null;
}

/** Returns all attempts of a task, the first one first. */
export async function listAttempts(db: Kysely<Schema>, taskId: TaskId): Promise<AttemptRow[]> {
  return db.selectFrom('containerAttempt').selectAll().where('taskId', '=', taskId).orderBy('number').execute();
}

/** Returns every attempt that may still have a container, on whichever cluster: the reconciler asks ECS about these. */
export async function attemptsToReconcile(db: Kysely<Schema>): Promise<AttemptRow[]> {
  return db.selectFrom('containerAttempt').selectAll().where('state', 'in', LIVE_STATES).orderBy('id').execute();
}

/** Returns the attempt with this container, while it may still run. */
export async function findLaunchedByArn(
  db: Kysely<Schema>,
  arn: string,
): Promise<(AttemptRow & { readonly arn: string }) | null> {
  const found = await db
    .selectFrom('containerAttempt')
    .selectAll()
    .where('state', 'in', LIVE_STATES)
    .where('arn', '=', arn)
    .executeTakeFirst();
  return found ? { ...found, arn } : null;
}

export interface UnstoppedContainer {
  readonly taskId: TaskId;
  readonly number: number;
  readonly cluster: string;
  readonly failure: StopFailure;
}

/** Returns the containers that may still run because ECS has not accepted their stop, the longest waiting one first. */
export async function listUnstopped(db: Kysely<Schema>): Promise<UnstoppedContainer[]> {
  const failure = sql<StopFailure>`ecs_witness -> 'stopFailure'`;
  return db
    .selectFrom('containerAttempt')
    .select(['taskId', 'number', 'cluster', failure.as('failure')])
    .where('state', 'in', LIVE_STATES)
    .where(failure, 'is not', null)
    .orderBy(sql`ecs_witness -> 'stopFailure' ->> 'since'`)
    .execute();
}

/** An attempt whose container has an owner. `arn` null: ECS has not said which container that is. */
export type OwnedAttempt = Pick<AttemptRow, 'taskId' | 'number' | 'arn'>;

/**
 * Returns the attempts of the whole installation whose container has an owner: a task that is not complete, or a complete
 * one that was told to keep it. Any other container is unowned. The list is not by cluster: several rows may name one ECS
 * cluster, and rows come and go while containers run.
 */
export async function listOwnedAttempts(
  db: Kysely<Schema>,
  of?: Pick<AttemptRow, 'taskId' | 'number'>,
): Promise<OwnedAttempt[]> {
  let owned = db
    .selectFrom('containerAttempt as attempt')
    .innerJoin('task', 'task.id', 'attempt.taskId')
    .select(['attempt.taskId', 'attempt.number', 'attempt.arn'])
    .where('attempt.state', 'in', LIVE_STATES)
    .where((where) =>
      where.or([
        where('task.status', '<>', TASK_STATUS.COMPLETE),
        where(sql<string>`task.options ->> 'release_on_exit'`, '=', 'false'),
      ]),
    );
  if (of) owned = owned.where('attempt.taskId', '=', of.taskId).where('attempt.number', '=', of.number);
  return owned.execute();
}

// For this long after the end of an attempt, the sweep searches for a container that its task could not stop.
const LOCATION_HOURS = 1;

/** Returns the locations at which containers of this installation may still run although no row of `ecs_cluster` names them any more. */
export async function listLaunchLocations(db: Kysely<Schema>): Promise<AttemptCluster[]> {
  return db
    .selectFrom('containerAttempt')
    .distinctOn(['cluster', 'location'])
    .select(['cluster', 'location', 'taskDefinition', 'arn'])
    .where('location', 'is not', null)
    .where((where) =>
      where.or([
        where('resolvedAt', 'is', null),
        where('resolvedAt', '>', sql<Date>`now() - make_interval(hours => ${LOCATION_HOURS})`),
      ]),
    )
    .execute();
}

/** The columns that identify the cluster of an attempt. */
export type AttemptCluster = Pick<AttemptRow, 'cluster' | 'location' | 'taskDefinition' | 'arn'>;
