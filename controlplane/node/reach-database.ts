import type { Clock } from '../../shared/support/clock.ts';
import type { Logger } from '../../shared/support/logger.ts';
import type { Db } from '../store/schema.ts';
import { migrateWhenThere } from '../store/wait-for-database.ts';
import { startUnavailableServer, type UnavailableServerConfig } from './unavailable-server.ts';

export interface ReachDatabaseOptions {
  readonly config: UnavailableServerConfig;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ends the wait. */
  readonly stop?: AbortSignal;
}

/**
 * Waits for the database as long as it takes and brings its schema to this version. Meanwhile clients are told that
 * this node is not ready. Throws DATABASE_UNAVAILABLE as migrateWhenThere does.
 */
export async function reachDatabase({ config, clock, log, stop }: ReachDatabaseOptions, db: Db): Promise<void> {
  let closeServer: (() => Promise<void>) | undefined;
  try {
    await migrateWhenThere(db, {
      clock,
      stop: stop ?? new AbortController().signal,
      onAway: async (why) => {
        log.warn({ why }, 'the database cannot be reached; this node waits for it');
        closeServer = await startUnavailableServer(config, 'the database cannot be reached');
      },
    });
  } finally {
    await closeServer?.();
  }
}
