import { sql, type Kysely, type Transaction } from 'kysely';
import { z } from 'zod';
import { readSequences, setSequences } from '../backup/sequences.ts';
import type { Schema } from '../schema.ts';
import { deleteSetting, getSetting, setSetting } from '../settings/settings.ts';

/** Name in `setting`. A restore sets it, and it stays until an operator has confirmed the restore. */
export const RESTORED = 'restored';

/**
 * Tasks that were added after the dump may still have containers, marked with the task's number. New tasks must not get the same
 * numbers, or their containers would be mistaken for each other. The number is larger than what an installation adds between
 * dumps.
 */
export const TASK_NUMBERS_SKIPPED = 10_000;

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

/** Prepares a database that was just filled from an older state of the installation, before a node works on it. */
export async function markRestored(tx: Transaction<Schema>, restored: Restored): Promise<void> {
  const sequences = await readSequences(tx);
  const last = sequences['task.id'] ?? 0;
  await setSequences(tx, { ...sequences, 'task.id': last === 0 ? 0 : last + TASK_NUMBERS_SKIPPED });
  await doubtRequests(tx);
  await setSetting(tx, RESTORED, restored);
}

/** Marks requests that must not be sent twice as tried with an unknown outcome: they may have been sent since the dump. */
async function doubtRequests(tx: Transaction<Schema>): Promise<void> {
  await sql`UPDATE outbox SET trying_since = coalesce(trying_since, now()), due_at = now() WHERE NOT is_repeatable`.execute(
    tx,
  );
}
