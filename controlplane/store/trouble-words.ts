import { databaseTrouble, type DatabaseTrouble } from './database-trouble.ts';

/** What people read of a failing database, or of a node that cannot work for another reason. */
export interface TroubleWords {
  /** A clause: the reason why a node is not ready. */
  readonly reason: string;
  /** What an operator does about it. */
  readonly remedy: string;
}

const WORDS: Readonly<Record<DatabaseTrouble, TroubleWords>> = {
  away: { reason: 'the database cannot be reached', remedy: 'Check its address and that it runs' },
  'disk-full': { reason: 'the disk of the database is full', remedy: 'Give it more room' },
  'no-connection': {
    reason: 'the database has no connection left for this node',
    remedy:
      'Raise max_connections, or the CONNECTION LIMIT of its user or database, or lower database_pool of the nodes',
  },
  'read-only': {
    reason: 'the database is read-only',
    remedy: 'Promote it, name the server that takes writes, or switch default_transaction_read_only off',
  },
  refused: {
    reason: 'the database refuses what this node needs',
    remedy: 'Correct user, password and database, or what that user is allowed to do',
  },
  'time-limit': {
    reason: 'a time limit of the database ends statements',
    remedy:
      'Raise statement_timeout, lock_timeout, transaction_timeout or idle_in_transaction_session_timeout for its user',
  },
  'no-schema': {
    reason: 'the database lacks tables of Wip',
    remedy: 'Restore it, or correct the name of the database, and start the nodes again',
  },
  replaced: {
    reason: 'the database was replaced by another one',
    remedy: 'Start the nodes again to work with it, or bring back the one before',
  },
};

/** Returns the words for a trouble. */
export function troubleWords(trouble: DatabaseTrouble): TroubleWords {
  return WORDS[trouble];
}

/** Returns the words for an error of the database; those of one that cannot be reached for any other error. */
export function wordsOfDatabaseError(error: unknown): TroubleWords {
  return WORDS[databaseTrouble(error) ?? 'away'];
}
