import { sql, type Kysely, type Selectable } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { JsonObject } from '../json.ts';
import { cleanText, jsonText } from '../json-text.ts';
import type { Schema } from '../schema.ts';
import type { AuditTable } from '../schema/operation-tables.ts';

export type AuditRow = Selectable<AuditTable>;

/** Writes down who did what to whom. No secret belongs into `detail`. */
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

/** A field that is not set restricts nothing. */
export interface AuditFilter {
  readonly actor?: string;
  readonly action?: string;
  /** `task/7` as it stands, or `task` for all tasks. */
  readonly subject?: string;
  readonly since?: Date;
  /** The first instant after the period. */
  readonly until?: Date;
  /** Only entries with a smaller id: pages go from the newest to the oldest. */
  readonly beforeId?: number;
  readonly limit: number;
}

/**
 * Returns entries, newest first. The query walks the ids backwards, without an index for each filter: people write
 * some ten entries a day, and a filter that finds nothing among 100,000 takes 30 ms.
 */
export async function readAudit(db: Kysely<Schema>, filter: AuditFilter): Promise<AuditRow[]> {
  const { actor, action, subject, since, until, beforeId, limit } = filter;
  let query = db.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit);
  if (actor !== undefined) query = query.where('actor', '=', actor);
  if (action !== undefined) query = query.where('action', '=', action);
  if (subject !== undefined) {
    // Names may contain slashes, so a subject is compared as a whole and not as a prefix. Only a kind without a name matches all
    // its subjects.
    const isKind = !subject.includes('/');
    query = isKind
      ? query.where(sql<boolean>`(subject = ${subject} OR starts_with(subject, ${`${subject}/`}))`)
      : query.where('subject', '=', subject);
  }
  if (since) query = query.where('at', '>=', since);
  if (until) query = query.where('at', '<', until);
  if (beforeId !== undefined) query = query.where('id', '<', beforeId);
  return query.execute();
}

/** Returns the entries of one subject, oldest first; `atMicros` is `at` in microseconds since the epoch. */
export async function readAuditOf(
  db: Kysely<Schema>,
  subject: string,
): Promise<(AuditRow & { readonly atMicros: number })[]> {
  return db
    .selectFrom('audit')
    .selectAll()
    .select(sql<number>`(extract(epoch FROM at) * 1000000)::float8`.as('atMicros'))
    .where('subject', '=', subject)
    .orderBy('id')
    .execute();
}

/** Returns who last asked to terminate each of these tasks; tasks without a record are absent. */
export async function readTerminators(
  db: Kysely<Schema>,
  ids: readonly TaskId[],
): Promise<ReadonlyMap<TaskId, string>> {
  if (ids.length === 0) return new Map();
  const subjects = new Map(ids.map((id) => [`task/${id}`, id]));
  const rows = await db
    .selectFrom('audit')
    .select(['subject', 'actor'])
    .where('subject', 'in', [...subjects.keys()])
    .where('action', '=', 'terminate')
    .orderBy('id')
    .execute();
  return new Map(
    rows.flatMap(({ subject, actor }) => (subjects.has(subject) ? [[subjects.get(subject)!, actor]] : [])),
  );
}
