import { sql, type Kysely, type Selectable } from 'kysely';
import type { NodeTable, Schema } from '../schema.ts';

export type NodeRow = Selectable<NodeTable>;

/** A node says that it lives; `startedAt` stays that of its first word. */
export async function heartbeatNode(db: Kysely<Schema>, node: { name: string; version: string }): Promise<void> {
  await db
    .insertInto('node')
    .values(node)
    .onConflict((on) => on.column('name').doUpdateSet({ version: node.version, seenAt: sql`now()` }))
    .execute();
}

export async function removeNode(db: Kysely<Schema>, name: string): Promise<void> {
  await db.deleteFrom('node').where('name', '=', name).execute();
}

/** Nodes that were killed leave their rows, and the next ones have other names. */
export async function forgetDeadNodes(db: Kysely<Schema>, silentDays: number): Promise<void> {
  await sql`DELETE FROM node WHERE seen_at < now() - make_interval(days => ${silentDays})`.execute(db);
}

export async function liveNodes(db: Kysely<Schema>, withinSeconds: number): Promise<NodeRow[]> {
  return db
    .selectFrom('node')
    .selectAll()
    .where('seenAt', '>', sql<Date>`now() - make_interval(secs => ${withinSeconds})`)
    .orderBy('name')
    .execute();
}
