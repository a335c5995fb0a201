import { sql, type Kysely, type Selectable } from 'kysely';
import { jsonText } from '../json-text.ts';
import type { Schema } from '../schema.ts';
import type { TaskDefinitionTable } from '../schema/operation-tables.ts';

export interface DefinitionKey {
  readonly family: string;
  readonly region: string;
  readonly cluster: string;
  readonly contentHash: string;
}

export interface RegisteredDefinition extends DefinitionKey {
  readonly arn: string;
  readonly revision: number;
  readonly definition: unknown;
}

export type DefinitionRow = Selectable<TaskDefinitionTable>;

/** The newest revision with this content. */
export async function findDefinition(db: Kysely<Schema>, key: DefinitionKey): Promise<DefinitionRow | null> {
  const row = await db
    .selectFrom('taskDefinition')
    .selectAll()
    .where('family', '=', key.family)
    .where('region', '=', key.region)
    .where('cluster', '=', key.cluster)
    .where('contentHash', '=', key.contentHash)
    .orderBy('revision', 'desc')
    .executeTakeFirst();
  return row ?? null;
}

export async function saveDefinition(db: Kysely<Schema>, registered: RegisteredDefinition): Promise<void> {
  const { family, region, cluster, contentHash, arn, revision, definition } = registered;
  const row = { family, region, cluster, contentHash, arn, revision, definition: jsonText(definition) };
  await db
    .insertInto('taskDefinition')
    .values(row)
    // Local ECS counts its revisions from 1 again when its directory was deleted: the newer one is the true one.
    .onConflict((on) => on.columns(['family', 'region', 'cluster', 'revision']).doUpdateSet(row))
    .execute();
}

/** Forgets a revision that ECS no longer has, so that the next launch registers its content again. */
export async function removeDefinition(db: Kysely<Schema>, arn: string): Promise<void> {
  await db.deleteFrom('taskDefinition').where('arn', '=', arn).execute();
}

/**
 * Runs `work` while no other node runs one for the same family. It holds a connection of the pool meanwhile; the lock
 * goes with it when the node dies.
 */
export async function withDefinitionLock<T>(db: Kysely<Schema>, family: string, work: () => Promise<T>): Promise<T> {
  return db.transaction().execute(async (tx) => {
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`task_definition/${family}`}, 0))`.execute(tx);
    return work();
  });
}
