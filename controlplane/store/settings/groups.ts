import { sql, type Kysely } from 'kysely';
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
}

export async function listGroups(db: Kysely<Schema>): Promise<GroupState[]> {
  const { rows } = await sql<GroupState>`
    SELECT name, max_running, running, pause, retention_days,
      (SELECT count(*) FROM task WHERE group_name = name AND slot = ${SLOT.none}
        AND status IN ${QUEUED}) AS queued
    FROM group_limit ORDER BY name`.execute(db);
  return rows;
}

/** Saves a group. A smaller maximum stops no running task; a larger one takes effect at once. */
export async function setGroup(
  db: Kysely<Schema>,
  group: { readonly name: string; readonly maxRunning?: number; readonly retentionDays?: number },
): Promise<void> {
  const { name, ...limits } = group;
  await db
    .insertInto('groupLimit')
    .values(group)
    .onConflict((on) => on.column('name').doUpdateSet({ name, ...limits }))
    .execute();
  await sql`SELECT pg_notify(${WAKE_CHANNEL}, ${ANY_TASK})`.execute(db);
}
