import pg from 'pg';

/** How a database fails, whichever statement it is asked: it passes with time, or when an operator has acted. */
export type DatabaseTrouble =
  | 'away'
  | 'disk-full'
  /** Others have all connections of the server, of the database or of the user. */
  | 'no-connection'
  /** A server that has become a standby, or whose operator allows no writes now. */
  | 'read-only'
  /** The user, the password, the database or a privilege is not what this node needs. */
  | 'refused'
  /** A time limit that an operator has set, such as statement_timeout, ended the statement or its connection. */
  | 'time-limit'
  /** Tables, columns or functions that every statement needs are missing: it was emptied, or is being restored. */
  | 'no-schema'
  /** The name leads to another database than the one that this node has joined. */
  | 'replaced';

// PostgreSQL's manual, appendix A. The classes are connection exception, transaction rollback that outlived its retries,
// insufficient resources, operator intervention (shutdown, failover, "starting up"), system error, and invalid
// authorization.
const TROUBLE_CLASSES: ReadonlyMap<string, DatabaseTrouble> = new Map([
  ['08', 'away'],
  ['28', 'refused'],
  ['40', 'away'],
  ['53', 'away'],
  ['57', 'away'],
  ['58', 'away'],
]);
const TROUBLE_CODES: ReadonlyMap<string, DatabaseTrouble> = new Map([
  ['53100', 'disk-full'],
  ['53300', 'no-connection'], // too_many_connections
  ['25006', 'read-only'], // read_only_sql_transaction
  ['25P03', 'time-limit'], // idle_in_transaction_session_timeout
  ['25P04', 'time-limit'], // transaction_timeout
  // Statements are the same in every installation, so what they lack, the database has lost.
  ['3F000', 'no-schema'], // invalid_schema_name
  ['42P01', 'no-schema'], // undefined_table
  ['42703', 'no-schema'], // undefined_column
  ['42883', 'no-schema'], // undefined_function
  ['3D000', 'refused'], // invalid_catalog_name: there is no such database any more
  ['42501', 'refused'], // insufficient_privilege
  ['55P03', 'time-limit'], // lock_not_available, of lock_timeout
  ['57014', 'time-limit'], // query_canceled, of statement_timeout or by hand
]);

/** Errors that connections raised. A lost connection raises a plain Error without a code, which can be recognised only by its origin. */
const raisedByConnections = new WeakSet<object>();

/** A statement got no answer within its time limit: the database hangs, or this statement alone waits for a lock. */
export class LateAnswerError extends Error {
  constructor(limitMs: number) {
    super(`the database has not answered for ${limitMs / 1000} s`);
  }
}

/** The name of the database leads to another one than this node has joined. */
export class DatabaseReplacedError extends Error {
  constructor(by: 'a copy' | 'another installation') {
    const which = by === 'a copy' ? 'a copy of the one that this node works with' : 'that of another installation';
    super(`the database was replaced: it is ${which} now`);
  }
}

/** The tables are there, and no installation in them. */
export class NoInstallationError extends Error {
  constructor() {
    super('the database has no installation id');
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

/** Returns how the database has failed, as it does in an outage; null when the statement has failed. */
export function databaseTrouble(error: unknown): DatabaseTrouble | null {
  if (error instanceof pg.DatabaseError) {
    const code = error.code ?? '';
    const known = TROUBLE_CODES.get(code) ?? TROUBLE_CLASSES.get(code.slice(0, 2));
    return known ?? (isStalePlan(error) ? 'away' : null);
  }
  if (error instanceof DatabaseReplacedError) return 'replaced';
  if (error instanceof NoInstallationError) return 'no-schema';
  // A value that cannot be sent is our mistake, though the connection notices it.
  if (error instanceof TypeError) return null;
  return typeof error === 'object' && error !== null && raisedByConnections.has(error) ? 'away' : null;
}

/** Returns whether the database has failed, as it does in an outage, and not the statement. */
export function isDatabaseTrouble(error: unknown): boolean {
  return databaseTrouble(error) !== null;
}
