import pg from 'pg';

// PostgreSQL's manual, appendix A: connection exception, transaction rollback that outlived its retries, insufficient
// resources, operator intervention (shutdown, failover, "starting up"), system error.
const TROUBLE_CLASSES: ReadonlySet<string> = new Set(['08', '40', '53', '57', '58']);

/** Errors that connections raised. A lost one is a plain Error without a code, so only its origin tells what it is. */
const raisedByConnections = new WeakSet<object>();

/** The answer to a statement did not come in its time: the database hangs, or this statement alone waits for a lock. */
export class LateAnswerError extends Error {
  constructor(limitMs: number) {
    super(`the database has not answered for ${limitMs / 1000} s`);
  }
}

/** Remembers where an error came from. */
export function noteDatabaseError(error: unknown): void {
  if (typeof error === 'object' && error !== null) raisedByConnections.add(error);
}

/** PostgreSQL has no SQLSTATE of its own for "cached plan must not change result type"; the routine is its own. */
export function isStalePlan(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '0A000' && error.routine === 'RevalidateCachedQuery';
}

/** Returns whether the database has failed, as it does in an outage, and not the statement. */
export function isDatabaseTrouble(error: unknown): boolean {
  if (error instanceof pg.DatabaseError)
    return TROUBLE_CLASSES.has((error.code ?? '').slice(0, 2)) || isStalePlan(error);
  // A value that cannot be sent is our mistake, though the connection notices it.
  if (error instanceof TypeError) return false;
  return typeof error === 'object' && error !== null && raisedByConnections.has(error);
}
