import pg from 'pg';

// PostgreSQL's manual, appendix A: connection exception, transaction rollback that outlived its retries, insufficient
// resources, operator intervention (shutdown, failover, "starting up"), system error.
const TROUBLE_CLASSES: ReadonlySet<string> = new Set(['08', '40', '53', '57', '58']);

/** Errors that connections raised. A lost connection raises a plain Error without a code, which can be recognised only by its origin. */
const raisedByConnections = new WeakSet<object>();

/** A statement got no answer within its time limit: the database hangs, or this statement alone waits for a lock. */
export class LateAnswerError extends Error {
  constructor(limitMs: number) {
    super(`the database has not answered for ${limitMs / 1000} s`);
  }
}

/** Remembers that an error came from a connection. */
export function noteDatabaseError(error: unknown): void {
  if (typeof error === 'object' && error !== null) raisedByConnections.add(error);
}

/** PostgreSQL has no SQLSTATE of its own for "cached plan must not change result type"; the routine is its own. */
export function isStalePlan(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '0A000' && error.routine === 'RevalidateCachedQuery';
}

/** Returns whether the database itself has failed, as in an outage, and not just the statement. */
export function isDatabaseTrouble(error: unknown): boolean {
  if (error instanceof pg.DatabaseError)
    return TROUBLE_CLASSES.has((error.code ?? '').slice(0, 2)) || isStalePlan(error);
  // A value that cannot be sent is a bug of this program, although the connection raises the error.
  if (error instanceof TypeError) return false;
  return typeof error === 'object' && error !== null && raisedByConnections.has(error);
}
