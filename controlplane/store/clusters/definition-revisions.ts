import { sql, type Selectable } from 'kysely';
import { LIVE_STATES } from '../literals.ts';
import type { Db } from '../schema.ts';
import type { DefinitionRevisionTable } from '../schema/operation-tables.ts';

export type RevisionRow = Selectable<DefinitionRevisionTable>;

/** A revision, and the tasks whose containers are pinned to it. */
export type ListedRevision = Omit<RevisionRow, 'definition'> & { readonly taskIds: readonly number[] };

// The newest come first. The list is for people, and a family rarely has more than a few revisions.
const MOST_LISTED = 500;

/** Returns the revisions that this installation registered, the newest first. */
export async function listRevisions(
  db: Db,
  by: { readonly family?: string | undefined } = {},
): Promise<ListedRevision[]> {
  let query = db
    .selectFrom('definitionRevision as revision')
    .select([
      'revision.id',
      'revision.family',
      'revision.region',
      'revision.cluster',
      'revision.endpoint',
      'revision.caller',
      'revision.contentHash',
      'revision.revision',
      'revision.arn',
      'revision.registeredAt',
      'revision.usedAt',
      'revision.retiredAt',
      'revision.deregisteredAt',
    ])
    .select((of) =>
      of
        .selectFrom('containerAttempt as attempt')
        .select(sql<number[]>`coalesce(array_agg(attempt.task_id ORDER BY attempt.task_id), '{}')`.as('ids'))
        .whereRef('attempt.taskDefinition', '=', 'revision.arn')
        .where('attempt.state', 'in', LIVE_STATES)
        .as('taskIds'),
    )
    .orderBy('revision.id', 'desc')
    .limit(MOST_LISTED);
  if (by.family !== undefined) query = query.where('revision.family', '=', by.family);
  const rows = await query.execute();
  return rows.map(({ taskIds, ...row }) => ({ ...row, taskIds: (taskIds ?? []).map(Number) }));
}

/** Returns one revision with its definition; null when there is none. */
export async function findRevision(db: Db, id: number): Promise<RevisionRow | null> {
  const row = await db.selectFrom('definitionRevision').selectAll().where('id', '=', id).executeTakeFirst();
  return row ?? null;
}
