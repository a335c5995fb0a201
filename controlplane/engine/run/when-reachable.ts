import type { Clock } from '../../../shared/time/clock.ts';
import { isDatabaseTrouble } from '../../store/database-trouble.ts';

// After a database error the node waits for this time and tries again (a failover takes seconds).
export const TROUBLE_WAIT_MS = 500;

/** Calls `statement` as soon as the database can be reached. Returns undefined when the node stopped first. */
export async function whenReachable<T>(
  clock: Clock,
  statement: () => Promise<T>,
  abort: AbortSignal,
): Promise<T | undefined> {
  do {
    try {
      return await statement();
    } catch (error) {
      if (!isDatabaseTrouble(error)) throw error;
      await clock.sleep(TROUBLE_WAIT_MS, abort);
    }
  } while (!abort.aborted);
  return undefined;
}
