import type { Clock } from '../../shared/time/clock.ts';
import type { Log } from '../../shared/system/log.ts';
import { databaseTrouble, LateAnswerError, noteDatabaseError, type DatabaseTrouble } from './database-trouble.ts';
import { troubleWords, wordsOfDatabaseError, type TroubleWords } from './trouble-words.ts';

// On a full disk some statements work, because they need no new block, and those on tables that the user may write to: it
// is over when nothing has failed for longer than the rarest of what a node writes by itself, its heartbeat of 10 s.
const PARTIAL: ReadonlySet<DatabaseTrouble> = new Set(['disk-full', 'refused']);
const QUIET_MS = 15_000;

/**
 * Tracks outages of a node's database. Every part of the node reports its database errors here. However many statements fail, the
 * log gets one line when an outage begins, one for each further reason, and one when it is over.
 */
export class DatabaseOutage {
  readonly #log: Log;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #trouble: DatabaseTrouble | null = null;
  readonly #told = new Set<DatabaseTrouble>();
  #failures = 0;
  #lastMs = 0;

  constructor(log: Log, clock: Pick<Clock, 'monotonicMs'>) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Returns whether the database has failed, and logs it if so. */
  note(error: unknown, what: string): boolean {
    const trouble = databaseTrouble(error);
    if (trouble === null) return false;
    this.#trouble = trouble;
    this.#failures += 1;
    this.#lastMs = this.#clock.monotonicMs();
    if (this.#told.has(trouble)) return true;
    this.#told.add(trouble);
    const { reason, remedy } = troubleWords(trouble);
    this.#log.warn({ err: error, what, remedy }, `${reason}; tasks wait until that has passed`);
    return true;
  }

  /**
   * Returns why the database has failed a request, as a clause; null when it has not. A late answer is no outage by itself:
   * requests ask for much, and may wait for a lock. Where the database hangs for everybody, the node's own statements are
   * late too.
   */
  noteRequest(error: unknown): string | null {
    if (error instanceof LateAnswerError) return error.message;
    return this.note(error, 'a request') ? wordsOfDatabaseError(error).reason : null;
  }

  /** Notes an error that a connection itself raised. Such errors have no code and can be recognised only by their origin. */
  noteConnection(error: unknown, what: string): void {
    noteDatabaseError(error);
    this.note(error, what);
  }

  /** Notes that the database has answered. */
  answered(): void {
    if (this.#trouble === null) return;
    const isLasting = [...this.#told].some((trouble) => PARTIAL.has(trouble));
    if (isLasting && this.#clock.monotonicMs() - this.#lastMs < QUIET_MS) return;
    this.#log.info({ failures: this.#failures }, 'the database works again');
    this.#trouble = null;
    this.#told.clear();
    this.#failures = 0;
  }

  /** Returns what people read of the outage; null when nothing is wrong. */
  words(): TroubleWords | null {
    return this.#trouble === null ? null : troubleWords(this.#trouble);
  }
}
