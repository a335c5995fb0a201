import { sql, type Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

/** When a pause was last changed, and by whom. */
export interface PauseOrigin {
  readonly at: Date;
  readonly by: string;
}

/** Returns who last paused each subject of the audit (`all`, `group/NAME`, `task/ID`); subjects without a record are absent. */
export async function readPauseOrigins(
  db: Kysely<Schema>,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, PauseOrigin>> {
  if (subjects.length === 0) return new Map();
  const { rows } = await sql<PauseOrigin & { subject: string }>`
    SELECT DISTINCT ON (subject) subject, at, actor AS by FROM audit
    WHERE subject = ANY(${subjects}::text[]) AND action = 'pause' ORDER BY subject, id DESC`.execute(db);
  return new Map(rows.map(({ subject, at, by }) => [subject, { at, by }]));
}
