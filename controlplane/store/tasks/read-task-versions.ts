import { sql, type Kysely } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import { STATUS } from '../literals.ts';
import type { Schema } from '../schema.ts';

/** The tasks that may still change, each with a version that changes with every write of its row. */
export interface TaskVersions {
  /** The time of the database. */
  readonly at: Date;
  readonly versions: ReadonlyMap<TaskId, string>;
}

/** Reads the tasks that have not ended, and those that ended at `endedSince` or later. */
export async function readTaskVersions(db: Kysely<Schema>, endedSince: Date): Promise<TaskVersions> {
  const { rows } = await sql<{ id: TaskId; version: string; at: Date }>`
    SELECT id, xmin::text AS version, now() AS at FROM task WHERE status <> ${STATUS.COMPLETE}
    UNION ALL SELECT id, xmin::text, now() FROM task WHERE status = ${STATUS.COMPLETE} AND completed_at >= ${endedSince}
    UNION ALL SELECT 0, '', now()`.execute(db);
  const at = rows[0]?.at ?? endedSince;
  return { at, versions: new Map(rows.filter(({ id }) => id > 0).map(({ id, version }) => [id, version])) };
}
