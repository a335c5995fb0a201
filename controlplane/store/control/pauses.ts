import { sql, type Kysely } from 'kysely';
import { jsonText } from '../json-text.ts';
import type { Schema } from '../schema.ts';
import type { PauseType } from '../schema/operation-tables.ts';
import { GLOBAL_PAUSE } from '../tasks/queue.ts';
import { ANY_TASK, WAKE_CHANNEL } from '../wake-channel.ts';

export type PauseScope = { readonly scope: 'global' } | { readonly scope: 'group'; readonly name: string };

export interface Pauses {
  readonly global: PauseType | null;
  readonly groups: Readonly<Record<string, PauseType>>;
}

/** Pauses all groups or one; an existing pause gets the new type. Steps under way are finished. */
export async function setPause(db: Kysely<Schema>, where: PauseScope, type: PauseType): Promise<void> {
  if (where.scope === 'global') {
    await db
      .insertInto('setting')
      .values({ name: GLOBAL_PAUSE, value: jsonText(type) })
      .onConflict((on) => on.column('name').doUpdateSet({ value: jsonText(type), updatedAt: sql`now()` }))
      .execute();
    return;
  }
  await db
    .insertInto('groupLimit')
    .values({ name: where.name, pause: type })
    .onConflict((on) => on.column('name').doUpdateSet({ pause: type }))
    .execute();
}

/** Ends a pause, and makes every node claim at once. */
export async function clearPause(db: Kysely<Schema>, where: PauseScope): Promise<void> {
  if (where.scope === 'global') await db.deleteFrom('setting').where('name', '=', GLOBAL_PAUSE).execute();
  else await db.updateTable('groupLimit').set({ pause: null }).where('name', '=', where.name).execute();
  await sql`SELECT pg_notify(${WAKE_CHANNEL}, ${ANY_TASK})`.execute(db);
}

export async function readPauses(db: Kysely<Schema>): Promise<Pauses> {
  const [global, groups] = await Promise.all([
    db.selectFrom('setting').select('value').where('name', '=', GLOBAL_PAUSE).executeTakeFirst(),
    db.selectFrom('groupLimit').select(['name', 'pause']).where('pause', 'is not', null).execute(),
  ]);
  return {
    global: (global?.value ?? null) as PauseType | null,
    groups: Object.fromEntries(groups.flatMap(({ name, pause }) => (pause ? [[name, pause]] : []))),
  };
}
