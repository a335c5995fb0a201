import { sql, type Kysely } from 'kysely';
import { TASK_STATUS } from '../../../shared/model/status.ts';
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
      (SELECT count(*) FROM task WHERE group_name = name AND slot = 'none'
        AND status IN (${sql.lit(TASK_STATUS.NOT_STARTED)}, ${sql.lit(TASK_STATUS.RESTARTED)})) AS queued
    FROM group_limit ORDER BY name`.execute(db);
  return rows;
}

/** A smaller maximum stops nothing that runs; a larger one is used at once. */
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
