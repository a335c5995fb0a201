import { sql, type Kysely } from 'kysely';
import type { AttemptUuid, CallbackId, TaskId } from '../../../shared/model/ids.ts';
import { TASK_STATUS } from '../../../shared/model/status.ts';
import type { AttemptRow, Schema } from '../schema.ts';

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

/** All attempts of a task, the first one first. */
export async function listAttempts(db: Kysely<Schema>, taskId: TaskId): Promise<AttemptRow[]> {
  return db.selectFrom('containerAttempt').selectAll().where('taskId', '=', taskId).orderBy('number').execute();
}

/** What the reconciler asks ECS about: every attempt of the cluster that may still have a container. */
export async function attemptsToReconcile(db: Kysely<Schema>, cluster: string): Promise<AttemptRow[]> {
  return db
    .selectFrom('containerAttempt')
    .selectAll()
    .where('cluster', '=', cluster)
    .where('state', 'in', ['intended', 'launched'])
    .orderBy('id')
    .execute();
}

/**
 * The attempts of the cluster whose container has an owner: a task that is not complete, or a complete one that was
 * told to keep it. What runs beside these is nobody's.
 */
export async function listOwnedAttempts(
  db: Kysely<Schema>,
  cluster: string,
): Promise<Pick<AttemptRow, 'taskId' | 'number'>[]> {
  return db
    .selectFrom('containerAttempt as attempt')
    .innerJoin('task', 'task.id', 'attempt.taskId')
    .select(['attempt.taskId', 'attempt.number'])
    .where('attempt.cluster', '=', cluster)
    .where('attempt.state', 'in', ['intended', 'launched'])
    .where((where) =>
      where.or([
        where('task.status', '<>', TASK_STATUS.COMPLETE),
        where(sql<string>`task.options ->> 'release_on_exit'`, '=', 'false'),
      ]),
    )
    .execute();
}
