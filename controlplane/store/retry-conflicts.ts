import pg from 'pg';
import { isStalePlan } from './database-trouble.ts';

// The errors of a transaction that lost a race against another one: unique_violation, serialization_failure and deadlock_detected
// (PostgreSQL's manual, appendix A).
const LOST_RACES: ReadonlySet<string> = new Set(['23505', '40001', '40P01']);

/**
 * Runs a whole transaction again when it lost a race. The next attempt sees the winner's commit, so it can only lose to a further
 * competitor at the same instant. Five attempts are plenty; an error after them is a bug that must be seen. A transaction that
 * failed because a migration made its plan stale is also run again.
 */
export async function retryConflicts<T>(run: () => Promise<T>, times = 5): Promise<T> {
  for (let left = times; ; left -= 1) {
    try {
      return await run();
    } catch (error) {
      if (left <= 1 || !(isLostRace(error) || isStalePlan(error))) throw error;
    }
  }
}

function isLostRace(error: unknown): boolean {
  return error instanceof pg.DatabaseError && LOST_RACES.has(error.code ?? '');
}
