import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Schema } from '../schema.ts';
import { deleteSetting, getSetting } from '../settings/settings.ts';

/** Name in `setting`. A restore sets it, and it stays until an operator has confirmed the restore. */
export const RESTORED = 'restored';

/** `at`: when the database was restored. `dumpedAt`: the database lacks everything that happened after this time. */
export const Restored = z.object({ at: z.string(), dumpedAt: z.string() });
export type Restored = z.infer<typeof Restored>;

/**
 * Returns the restore that nobody has confirmed. Until then containers that no attempt owns are only reported: they may
 * belong to tasks that were added after the dump, and to a database that is still in use.
 */
export async function readRestored(db: Kysely<Schema>): Promise<Restored | null> {
  const value = await getSetting(db, RESTORED);
  return value === undefined ? null : Restored.parse(value);
}

export async function confirmRestored(db: Kysely<Schema>): Promise<void> {
  await deleteSetting(db, RESTORED);
}
