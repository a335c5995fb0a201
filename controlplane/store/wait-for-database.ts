import type { Kysely } from 'kysely';
import pg from 'pg';
import { messageOf, OperationalError } from '../../shared/model/error.ts';
import type { Clock } from '../../shared/support/clock.ts';
import { isDatabaseTrouble } from './database-trouble.ts';
import { migrate } from './migrate.ts';
import type { Schema } from './schema.ts';

const WAIT_MS = 1_000;
// PostgreSQL's manual, appendix A: invalid authorization, invalid catalog name (no such database), insufficient privilege.
// Somebody has to correct these; waiting does not help.
const REFUSALS = /^(28|3D)|^42501$/;

/**
 * Brings the schema to this version, as soon as the database is there: it may be starting, failing over, or have no
 * connection left. `onAway` is called once with the reason. Throws DATABASE_UNAVAILABLE when the database refuses this
 * node, and when `stop` aborts first.
 */
export async function migrateWhenThere(
  db: Kysely<Schema>,
  { clock, stop, onAway }: { clock: Clock; stop: AbortSignal; onAway: (why: string) => Promise<void> },
): Promise<void> {
  for (let isFirst = true; ; isFirst = false) {
    try {
      await migrate(db);
      return;
    } catch (error) {
      if (error instanceof pg.DatabaseError && REFUSALS.test(error.code ?? '')) throw refused(error);
      if (!isDatabaseTrouble(error)) throw error;
      if (isFirst) await onAway(messageOf(error));
      await clock.sleep(WAIT_MS, stop);
      if (stop.aborted) throw neverThere(error);
    }
  }
}

function refused(cause: Error): OperationalError {
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
