import type { Clock } from '../../shared/time/clock.ts';
import type { Logger } from '../../shared/system/logger.ts';
import type { DatabaseOutage } from '../store/database-outage.ts';
import { pruneFinished } from '../store/prune-finished.ts';
import type { Db } from '../store/schema.ts';
import { forgetDeadNodes } from '../store/settings/nodes.ts';

// Retention is counted in days, so an hour more does not matter; a batch is one short transaction.
const INTERVAL_MS = 3_600_000;
const BATCH = 200;
// A person who looks the next morning still finds the node that died.
const NODE_KEPT_DAYS = 7;

/** Deletes finished tasks after their retention, and dead nodes: at once, then every hour. */
export async function pruneHourly(
  { db, clock, log, outage }: { db: Db; clock: Clock; log: Logger; outage: DatabaseOutage },
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    try {
      while ((await pruneFinished(db, BATCH)) === BATCH && !stop.aborted);
      await forgetDeadNodes(db, NODE_KEPT_DAYS);
    } catch (error) {
      if (!outage.note(error, 'pruning')) log.warn({ err: error }, 'pruning finished tasks failed');
    }
    await clock.sleep(INTERVAL_MS, stop);
  }
}
