import { sql } from 'kysely';
import { LIVE, LIVE_STATES } from '../literals.ts';
import type { Db } from '../schema.ts';
import type { RevisionRow } from './definition-revisions.ts';
import type { DefinitionScope } from './task-definitions.ts';

// A launch that was pinned just before may be repeated for this long (ecs/client/quotas.ts: CLIENT_TOKEN_CERTAIN_MS), and its request
// names the revision.
const SETTLED = sql<Date>`now() - interval '1 hour'`;
/** Revisions of one call ("DeleteTaskDefinitions" in the API reference). */
const DELETED_AT_ONCE = 10;

/** Retires the revisions of each family except the last `keep` used ones, if nothing has used them for a day. Returns their number. */
export async function retireRevisions(db: Db, keep: number): Promise<number> {
  const { numAffectedRows } = await sql`
    WITH ranked AS (
      SELECT id, row_number() OVER (
        PARTITION BY family, region, cluster, endpoint, caller ORDER BY used_at DESC, id DESC) AS nth
      FROM definition_revision WHERE retired_at IS NULL)
    UPDATE definition_revision AS revision SET retired_at = now()
    FROM ranked
    WHERE ranked.id = revision.id AND ranked.nth > ${keep} AND revision.used_at < now() - interval '1 day'
      AND NOT EXISTS (
        SELECT FROM container_attempt WHERE task_definition = revision.arn AND state IN ${LIVE})`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

export type RetiredRevision = Pick<RevisionRow, 'id' | 'arn' | 'family' | 'revision'>;

/** The registry that holds revisions. */
export interface RevisionRegistry extends DefinitionScope {
  readonly region: string;
}

/** Returns revisions out of use that no container is pinned to: those to deregister, or those to delete afterwards. */
export async function listRetired(
  db: Db,
  { endpoint, caller, region }: RevisionRegistry,
  next: 'deregister' | 'delete',
): Promise<RetiredRevision[]> {
  const column = next === 'deregister' ? 'retiredAt' : 'deregisteredAt';
  let query = db
    .selectFrom('definitionRevision as revision')
    .select(['id', 'arn', 'family', 'revision'])
    .where('endpoint', '=', endpoint)
    .where('caller', '=', caller)
    .where('region', '=', region)
    .where(column, '<', SETTLED)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('containerAttempt as attempt')
            .select('attempt.id')
            .whereRef('attempt.taskDefinition', '=', 'revision.arn')
            .where('attempt.state', 'in', LIVE_STATES),
        ),
      ),
    )
    .orderBy('id')
    .limit(DELETED_AT_ONCE);
  if (next === 'deregister') query = query.where('deregisteredAt', 'is', null);
  return query.execute();
}

export async function markDeregistered(db: Db, id: number): Promise<void> {
  await db
    .updateTable('definitionRevision')
    .set({ deregisteredAt: sql`now()` })
    .where('id', '=', id)
    .execute();
}

export async function deleteRevisions(db: Db, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await db.deleteFrom('definitionRevision').where('id', 'in', ids).execute();
}

/** Runs `work` unless another node is running it. If the node dies, its lock ends with its connection. */
export async function whileCleaning(db: Db, work: () => Promise<void>): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ isMine: boolean }>`
      SELECT pg_try_advisory_xact_lock(hashtextextended('task_definition cleaning', 0)) AS is_mine`.execute(tx);
    if (rows[0]?.isMine) await work();
  });
}
