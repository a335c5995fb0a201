import { sql, type Kysely } from 'kysely';
import { jsonText } from '../json-text.ts';
import type { Schema } from '../schema.ts';
import { sizeOf } from '../../containers/rules/task-size.ts';

/** The account and address at which a definition was registered. Family and revision are unique only within these. */
export interface DefinitionScope {
  readonly endpoint: string;
  readonly caller: string;
}

export interface DefinitionKey extends DefinitionScope {
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

/** Returns the newest revision with this content that may be launched, and notes that it is used. */
export async function findDefinition(db: Kysely<Schema>, key: DefinitionKey): Promise<{ readonly arn: string } | null> {
  const row = await db
    .selectFrom('definitionRevision')
    .select(['id', 'arn'])
    .select(sql<boolean>`used_at < now() - interval '1 hour'`.as('isStale'))
    .where('family', '=', key.family)
    .where('region', '=', key.region)
    .where('cluster', '=', key.cluster)
    .where('endpoint', '=', key.endpoint)
    .where('caller', '=', key.caller)
    .where('contentHash', '=', key.contentHash)
    .where('retiredAt', 'is', null)
    .orderBy('revision', 'desc')
    .executeTakeFirst();
  if (!row) return null;
  // An accuracy of an hour is enough to find unused revisions, and a launch should not wait for a write.
  if (row.isStale) {
    const { numUpdatedRows } = await db
      .updateTable('definitionRevision')
      .set({ usedAt: sql`now()` })
      .where('id', '=', row.id)
      .where('retiredAt', 'is', null)
      .executeTakeFirst();
    // The revision was retired in the meantime.
    if (numUpdatedRows === 0n) return null;
  }
  return { arn: row.arn };
}

export async function saveDefinition(db: Kysely<Schema>, registered: RegisteredDefinition): Promise<void> {
  const { family, region, cluster, endpoint, caller, contentHash, arn, revision } = registered;
  const definition = jsonText(registered.definition);
  const row = { family, region, cluster, endpoint, caller, contentHash, arn, revision, definition };
  await db
    .insertInto('definitionRevision')
    .values(row)
    // After its directory was deleted, local ECS numbers revisions from 1 again: then the newer row is the right one.
    .onConflict((on) =>
      on
        .columns(['endpoint', 'caller', 'arn'])
        .doUpdateSet({ ...row, retiredAt: null, deregisteredAt: null, usedAt: sql`now()` }),
    )
    .execute();
}

/** Returns the content of a revision that this version registered; null when it is not kept. */
export async function readDefinition(
  db: Kysely<Schema>,
  { endpoint, caller }: DefinitionScope,
  arn: string,
): Promise<unknown> {
  const found = await db
    .selectFrom('definitionRevision')
    .select('definition')
    .where('endpoint', '=', endpoint)
    .where('caller', '=', caller)
    .where('arn', '=', arn)
    .executeTakeFirst();
  return found?.definition ?? null;
}

/** Forgets a revision that ECS no longer has, so that the next launch registers its content again. */
export async function removeDefinition(db: Kysely<Schema>, scope: DefinitionScope, arn: string): Promise<void> {
  await db
    .deleteFrom('definitionRevision')
    .where('endpoint', '=', scope.endpoint)
    .where('caller', '=', scope.caller)
    .where('arn', '=', arn)
    .execute();
}

/**
 * Runs `work` while no other node does so for the same family. It occupies a connection of the pool; if the node dies, the lock
 * ends with the connection.
 */
export async function withDefinitionLock<T>(db: Kysely<Schema>, family: string, work: () => Promise<T>): Promise<T> {
  return db.transaction().execute(async (tx) => {
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`task_definition/${family}`}, 0))`.execute(tx);
    return work();
  });
}

/** The memory and processors that a task definition gives its task. */
export interface ContainerSize {
  readonly memoryBytes: number | null;
  readonly processors: number | null;
}

const MIB = 1024 * 1024;
/** ECS counts a processor as 1,024 units. */
const UNITS = 1024;

/** Returns the size in each revision; revisions that are not stored are absent. */
export async function readDefinitionSizes(
  db: Kysely<Schema>,
  arns: readonly string[],
): Promise<ReadonlyMap<string, ContainerSize>> {
  if (arns.length === 0) return new Map();
  const { rows } = await sql<{ arn: string; memory: string | null; cpu: string | null }>`
    SELECT DISTINCT ON (arn) arn, definition ->> 'memory' AS memory, definition ->> 'cpu' AS cpu
    FROM (
      SELECT arn, definition, registered_at FROM definition_revision WHERE arn = ANY(${arns}::text[])
      UNION ALL
      -- What nodes of the version before registered.
      SELECT arn, definition, registered_at FROM task_definition WHERE arn = ANY(${arns}::text[])
    ) AS registered
    ORDER BY arn, registered_at DESC`.execute(db);
  const times = (value: string | null, factor: number): number | null => {
    const size = value === null ? Number.NaN : sizeOf(value);
    return Number.isNaN(size) ? null : size * factor;
  };
  return new Map(
    rows.map(({ arn, memory, cpu }) => [arn, { memoryBytes: times(memory, MIB), processors: times(cpu, 1 / UNITS) }]),
  );
}
