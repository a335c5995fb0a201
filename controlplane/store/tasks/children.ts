import { sql, type Kysely } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import { intendEffect, settleEffect, type NewEffect } from '../effects/effects.ts';
import { SLOT, STATUS } from '../literals.ts';
import { retryConflicts } from '../retry-conflicts.ts';
import type { Schema, TaskRow } from '../schema.ts';
import { WAKE_CHANNEL } from '../wake-channel.ts';
import { insertTask, type NewTask } from './add-task.ts';
import type { TaskLease } from './leases.ts';
import { WAKES_AT_ONCE } from './wakes.ts';

export type ChildOutcome =
  | { readonly kind: 'added'; readonly id: TaskId }
  /** This ancestor holds the same work id and may wait for the child: a deadlock. */
  | { readonly kind: 'work-held'; readonly by: TaskId }
  /** Another node has the parent, or the lease is over. */
  | { readonly kind: 'lost' };

/** Adds a child, at most once per key, in one commit. */
export async function addChild(
  db: Kysely<Schema>,
  lease: TaskLease,
  { effect, task }: { effect: NewEffect; task: NewTask },
): Promise<ChildOutcome> {
  const holder = await findHolder(db, lease.id, task.workId);
  if (holder !== null) return { kind: 'work-held', by: holder };
  return retryConflicts(() =>
    db.transaction().execute(async (tx): Promise<ChildOutcome> => {
      const known = await intendEffect(tx, lease, effect);
      if (!known) return { kind: 'lost' };
      if (known.existed) return { kind: 'added', id: (known.answer as { taskId: TaskId }).taskId };
      const { id } = await insertTask(tx, { ...task, parentId: lease.id });
      await settleEffect(tx, { taskId: lease.id, key: effect.key, state: 'answered', answer: { taskId: id } });
      return { kind: 'added', id };
    }),
  );
}

async function findHolder(db: Kysely<Schema>, parentId: TaskId, workId: string): Promise<TaskId | null> {
  const { rows } = await sql<{ id: TaskId }>`
    WITH RECURSIVE line AS (
      SELECT id, parent_id, work_id FROM task WHERE id = ${parentId}
      UNION ALL SELECT task.id, task.parent_id, task.work_id FROM task JOIN line ON task.id = line.parent_id)
    SELECT id FROM line WHERE work_id = ${workId} LIMIT 1`.execute(db);
  return rows[0]?.id ?? null;
}

export type ChildRow = Pick<TaskRow, 'id' | 'kind' | 'title' | 'status' | 'exitStatus' | 'exitMessage' | 'cause'>;

/** Returns the children that were added since the task was started, or started again, in their order. */
export async function listChildren(db: Kysely<Schema>, parentId: TaskId): Promise<ChildRow[]> {
  return db
    .selectFrom('task as child')
    .innerJoin('task as parent', 'parent.id', 'child.parentId')
    .select(['child.id', 'child.kind', 'child.title', 'child.status', 'child.exitStatus', 'child.exitMessage'])
    .select('child.cause')
    .where('child.parentId', '=', parentId)
    .whereRef('child.createdAt', '>=', 'parent.startedAt')
    .orderBy('child.id')
    .execute();
}

/**
 * Requests the termination of children whose parent has ended, of one task or of all, and notes the reason. They run in the
 * parent's slot, which now belongs to another task, so they would exceed the group's limit. A child that was restarted after its
 * parent's end has a slot of its own, or is queued for one, and goes on. This runs after the parent's last commit, because within
 * it it would deadlock with a child that ends; if the node dies in between, the next sweep runs it.
 */
export async function endOrphans(db: Kysely<Schema>, parentId: TaskId | null): Promise<void> {
  const ofWhom = parentId === null ? sql`true` : sql`child.parent_id = ${parentId}`;
  await sql`
    WITH orphans AS MATERIALIZED (
      SELECT child.id FROM task child JOIN task parent ON parent.id = child.parent_id
      WHERE child.parent_id IS NOT NULL AND child.status <> ${STATUS.COMPLETE} AND child.terminate_requested_at IS NULL
        AND (child.slot = ${SLOT.parent} OR child.status = ${STATUS.NOT_STARTED})
        AND (parent.status = ${STATUS.COMPLETE} OR parent.slot = ${SLOT.none}) AND ${ofWhom}),
    ended AS (
      UPDATE task SET ${WAKES_AT_ONCE}, terminate_requested_at = now(), superseded_by = task.parent_id FROM orphans
      WHERE task.id = orphans.id AND task.status <> ${STATUS.COMPLETE} AND task.terminate_requested_at IS NULL
      RETURNING task.id)
    SELECT pg_notify(${WAKE_CHANNEL}, id::text) FROM ended`.execute(db);
}
