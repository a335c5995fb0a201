import pg from 'pg';
import { isStalePlan } from './database-trouble.ts';

// Two transactions reached for the same thing in one instant and PostgreSQL let one of them lose: appendix A of its
// manual, unique_violation, serialization_failure and deadlock_detected.
const LOST_RACES: ReadonlySet<string> = new Set(['23505', '40001', '40P01']);

/**
 * Runs a whole transaction again when it lost a race. Each round decides on what the winner committed, so a second
 * loss needs another newcomer in the same instant; five are plenty and an error after them is a bug worth seeing. A
 * transaction whose plan a migration has made stale has lost nothing, and runs again, too.
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
