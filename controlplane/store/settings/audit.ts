import type { Kysely, Selectable } from 'kysely';
import { cleanText, jsonText } from '../json.ts';
import type { AuditTable, JsonObject, Schema } from '../schema.ts';

export type AuditRow = Selectable<AuditTable>;

/** Who did what to whom; no secret belongs into `detail`. */
export async function appendAudit(
  db: Kysely<Schema>,
  entry: { actor: string; action: string; subject: string; detail?: JsonObject },
): Promise<void> {
  const { actor, action, subject, detail } = entry;
  await db
    .insertInto('audit')
    .values({ actor, action, subject: cleanText(subject), detail: detail ? jsonText(detail) : null })
    .execute();
}

/** Newest first. */
export async function readAudit(db: Kysely<Schema>, limit: number): Promise<AuditRow[]> {
  return db.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit).execute();
}

/** What was done to one subject, oldest first. */
export async function readAuditOf(db: Kysely<Schema>, subject: string): Promise<AuditRow[]> {
  return db.selectFrom('audit').selectAll().where('subject', '=', subject).orderBy('id').execute();
}
