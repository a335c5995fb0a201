import type { Kysely } from 'kysely';
import { messageOf, OperationalError } from '../../shared/model/error.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { databaseTrouble, isDatabaseTrouble } from './database-trouble.ts';
import { migrate } from './migrate.ts';
import type { Schema } from './schema.ts';

const WAIT_MS = 1_000;

/**
 * Brings the schema to this version, as soon as the database is there: it may be starting, failing over, or have no
 * connection left. `onAway` is called once with the error. Throws DATABASE_UNAVAILABLE when the database refuses this
 * node, and when `stop` aborts first.
 */
export async function migrateWhenThere(
  db: Kysely<Schema>,
  { clock, stop, onAway }: { clock: Clock; stop: AbortSignal; onAway: (error: unknown) => Promise<void> },
): Promise<void> {
  for (let isFirst = true; ; isFirst = false) {
    try {
      await migrate(db);
      return;
    } catch (error) {
      // Somebody has to correct these; at the start, waiting for it would hide a mistake in the settings.
      if (databaseTrouble(error) === 'refused') throw refused(error);
      // A migration makes what is missing, so at the start that is a mistake of the migration.
      if (!isDatabaseTrouble(error) || databaseTrouble(error) === 'no-schema') throw error;
      if (isFirst) await onAway(error);
      await clock.sleep(WAIT_MS, stop);
      if (stop.aborted) throw neverThere(error);
    }
  }
}

function refused(cause: unknown): OperationalError {
  return new OperationalError('DATABASE_UNAVAILABLE', {
    happened: `The database refuses this node: ${messageOf(cause)}`,
    remedy: 'Correct user, password and database in database_url (DATABASE_URL), or what that user is allowed to do',
    cause,
  });
}

function neverThere(cause: unknown): OperationalError {
  return new OperationalError('DATABASE_UNAVAILABLE', {
    happened: `The node was told to end while it waited for its database: ${messageOf(cause)}`,
    remedy: 'Check database_url (DATABASE_URL) and the server',
    cause,
  });
}
