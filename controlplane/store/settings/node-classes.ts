import { sql, type Kysely, type RawBuilder } from 'kysely';
import { classKey, type ClassVersion, type LivingClasses } from '../../tasks/class-versions.ts';
import type { Schema } from '../schema.ts';
import { NODE_LIVE_SECONDS } from './node-life.ts';

/** The name in `setting` of what a node says of its classes, or of the text of an expression. */
export function classesSetting(node: RawBuilder<unknown>): RawBuilder<string> {
  return sql<string>`('classes of ' || ${node})`;
}

/**
 * Reads what the living nodes said at their heartbeats. A node of an earlier version says nothing. What an earlier process of the
 * same name said is known by its time, and does not count.
 */
export async function readLivingClasses(db: Kysely<Schema>): Promise<LivingClasses> {
  const { rows } = await sql<{ classes: readonly ClassVersion[] | null }>`
    SELECT said.value->'classes' AS classes FROM node
    LEFT JOIN setting said ON said.name = ${classesSetting(sql`node.name`)}
      AND (said.value->>'since')::timestamptz = node.started_at
    WHERE seen_at > now() - make_interval(secs => ${NODE_LIVE_SECONDS})`.execute(db);
  const said = rows.map(({ classes }) => classes);
  const known = said.filter((classes) => classes !== null);
  return said.length === 0 || known.length < said.length ? null : new Set(known.flat().map(classKey));
}
