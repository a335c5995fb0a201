import pg from 'pg';
import type { Clock } from '../../shared/support/clock.ts';
import type { Log } from '../../shared/support/log.ts';
import { isDatabaseTrouble, LateAnswerError, noteDatabaseError } from './database-trouble.ts';

type Reason = 'the database cannot be reached' | 'the disk of the database is full';

// PostgreSQL's manual, appendix A: disk_full.
const DISK_FULL = '53100';
// On a full disk some statements still succeed, because they need no new block. So the outage is over only when nothing has
// failed for longer than the interval of the rarest regular write of a node, its heartbeat every 10 s.
const QUIET_MS = 15_000;

/**
 * Tracks outages of a node's database. Every part of the node reports its database errors here. However many statements fail, the
 * log gets one line when an outage begins, one for each further reason, and one when it is over.
 */
export class DatabaseOutage {
  readonly #log: Log;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #reason: Reason | null = null;
  readonly #told = new Set<Reason>();
  #failures = 0;
  #lastMs = 0;

  constructor(log: Log, clock: Pick<Clock, 'monotonicMs'>) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Returns whether the database has failed, and logs it if so. */
  note(error: unknown, what: string): boolean {
    if (!isDatabaseTrouble(error)) return false;
    this.#reason = isDiskFull(error) ? 'the disk of the database is full' : 'the database cannot be reached';
    this.#failures += 1;
    this.#lastMs = this.#clock.monotonicMs();
    if (this.#told.has(this.#reason)) return true;
    this.#told.add(this.#reason);
    this.#log.warn({ err: error, what }, `${this.#reason}; tasks wait until that has passed`);
    return true;
  }

  /**
   * Returns whether the database has failed, for an error of a client's request, and logs it if so. A late answer alone is not an
   * outage: requests can be expensive, and may wait for a lock. When the database hangs for everybody, the node's own statements
   * are late too.
   */
  noteRequest(error: unknown): boolean {
    return error instanceof LateAnswerError || this.note(error, 'a request');
  }

  /** Notes an error that a connection itself raised. Such errors have no code and can be recognised only by their origin. */
  noteConnection(error: unknown, what: string): void {
    noteDatabaseError(error);
    this.note(error, what);
  }

  /** Notes that the database has answered. */
  answered(): void {
    if (this.#reason === null) return;
    const isLasting = this.#told.has('the disk of the database is full');
    if (isLasting && this.#clock.monotonicMs() - this.#lastMs < QUIET_MS) return;
    this.#log.info({ failures: this.#failures }, 'the database works again');
    this.#reason = null;
    this.#told.clear();
    this.#failures = 0;
  }

  /** Empty when nothing is wrong. */
  reasons(): readonly string[] {
    return this.#reason === null ? [] : [this.#reason];
  }
}

function isDiskFull(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === DISK_FULL;
}
