import { sql, type Kysely } from 'kysely';
import { isAnyOf } from '../is-any-of.ts';
import { QUEUED, SLOT } from '../literals.ts';
import type { Schema } from '../schema.ts';
import type { PauseType } from '../schema/operation-tables.ts';
import { ANY_TASK, WAKE_CHANNEL } from '../wake-channel.ts';

export interface GroupState {
  readonly name: string;
  readonly maxRunning: number;
  readonly running: number;
  readonly queued: number;
  readonly pause: PauseType | null;
  readonly retentionDays: number;
  /** Clusters of its tasks in the order in which they are tried; none: the active one. */
  readonly clusters: readonly string[];
}

export async function listGroups(db: Kysely<Schema>): Promise<GroupState[]> {
  const { rows } = await sql<GroupState>`
    SELECT name, max_running, running, pause, retention_days, clusters,
      (SELECT count(*) FROM task WHERE group_name = name AND slot = ${SLOT.none}
        AND status IN ${QUEUED}) AS queued
    FROM group_limit ORDER BY name`.execute(db);
  return rows;
}

/** Returns how many tasks of each of these groups run, and how many may run. */
export async function readGroupRooms(
  db: Kysely<Schema>,
  names: readonly string[],
): Promise<Pick<GroupState, 'name' | 'running' | 'maxRunning'>[]> {
  return db
    .selectFrom('groupLimit')
    .select(['name', 'running', 'maxRunning'])
    .where(isAnyOf(sql`name`, 'text', names))
    .execute();
}

export async function findGroupClusters(db: Kysely<Schema>, name: string): Promise<readonly string[]> {
  const group = await db.selectFrom('groupLimit').select('clusters').where('name', '=', name).executeTakeFirst();
  return group?.clusters ?? [];
}

/** Saves a group. A smaller maximum stops no running task; a larger one takes effect at once. */
export async function setGroup(
  db: Kysely<Schema>,
  group: {
    readonly name: string;
    readonly maxRunning?: number;
    readonly retentionDays?: number;
    readonly clusters?: readonly string[];
  },
): Promise<void> {
  const { name, clusters, ...plain } = group;
  const limits = { ...plain, ...(clusters && { clusters: [...clusters] }) };
  await db
    .insertInto('groupLimit')
    .values({ name, ...limits })
    .onConflict((on) => on.column('name').doUpdateSet({ name, ...limits }))
    .execute();
  await sql`SELECT pg_notify(${WAKE_CHANNEL}, ${ANY_TASK})`.execute(db);
}
