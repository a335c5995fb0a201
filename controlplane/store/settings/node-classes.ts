import { sql, type Kysely, type RawBuilder } from 'kysely';
import { classKey, type ClassVersion, type LivingClasses } from '../../tasks/checks/class-versions.ts';
import type { Schema } from '../schema.ts';
import { NODE_LIVE_SECONDS } from './node-life.ts';

/** Returns the name in `setting` under which a node stores its classes; `node` is an SQL expression for its name. */
export function classesSetting(node: RawBuilder<unknown>): RawBuilder<string> {
  return sql<string>`('classes of ' || ${node})`;
}

/**
 * Reads the classes that living nodes have stored at their heartbeats. A node of an earlier version stores none. A value of an
 * earlier process of the same name is recognised by its time and ignored.
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
