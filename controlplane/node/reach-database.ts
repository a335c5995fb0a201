import type { Clock } from '../../shared/support/clock.ts';
import type { Logger } from '../../shared/support/logger.ts';
import type { Db } from '../store/schema.ts';
import { migrateWhenThere } from '../store/wait-for-database.ts';
import { openWaitingRoom, type WaitingConfig } from './unavailable-server.ts';

export interface Reaching {
  readonly config: WaitingConfig;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ends the wait. */
  readonly stop?: AbortSignal;
}

/**
 * Waits for the database as long as it takes, brings its schema to this version, and says meanwhile to whoever asks that
 * this node is not ready. Throws DATABASE_UNAVAILABLE as migrateWhenThere does.
 */
export async function reachDatabase({ config, clock, log, stop }: Reaching, db: Db): Promise<void> {
  let closeRoom: (() => Promise<void>) | undefined;
  try {
    await migrateWhenThere(db, {
      clock,
      stop: stop ?? new AbortController().signal,
      onAway: async (why) => {
        log.warn({ why }, 'the database cannot be reached; this node waits for it');
        closeRoom = await openWaitingRoom(config, 'the database cannot be reached');
      },
    });
  } finally {
    await closeRoom?.();
  }
}
