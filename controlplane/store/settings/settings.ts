import { sql, type Kysely } from 'kysely';
import { jsonText } from '../json-text.ts';
import type { Schema } from '../schema.ts';

/** Returns undefined for a name that was never set. Each reader parses its own settings. */
export async function getSetting(db: Kysely<Schema>, name: string): Promise<unknown> {
  const row = await db.selectFrom('setting').select('value').where('name', '=', name).executeTakeFirst();
  return row?.value;
}

export async function setSetting(db: Kysely<Schema>, name: string, value: unknown): Promise<void> {
  const text = jsonText(value);
  await db
    .insertInto('setting')
    .values({ name, value: text })
    .onConflict((on) => on.column('name').doUpdateSet({ value: text, updatedAt: sql`now()` }))
    .execute();
}

/** Sets a name that was not set yet, and returns the stored value. When two callers set it at once, both get the value that was kept. */
export async function addSetting(db: Kysely<Schema>, name: string, value: unknown): Promise<void> {
  await db
    .insertInto('setting')
    .values({ name, value: jsonText(value) })
    .onConflict((on) => on.doNothing())
    .execute();
}

export async function deleteSetting(db: Kysely<Schema>, name: string): Promise<void> {
  await db.deleteFrom('setting').where('name', '=', name).execute();
}

/** Returns the id made with the database. It tells the ECS tasks of this installation from those of others. */
export async function readInstallationId(db: Kysely<Schema>): Promise<string> {
  const id = await getSetting(db, 'installationId');
  if (typeof id !== 'string') throw new Error('the database has no installation id: a migration has not run');
  return id;
}
