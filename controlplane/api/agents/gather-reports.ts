import { OperationalError } from '../../../shared/model/error.ts';
import type { Clock } from '../../../shared/time/clock.ts';

export interface Gathering<Report> {
  /** Writes all reports in one commit, or none of them. */
  readonly write: (reports: readonly Report[]) => Promise<void>;
  /** Returns whether writing the reports one by one would fail with the same error. */
  readonly isHopeless: (error: unknown) => boolean;
  readonly clock: Clock;
}

interface Waiting<Report> {
  readonly report: Report;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

// Only the agent that sent a report waits for it. Of 10,000 agents 67 heartbeats come in a tenth of a second, and
// writing them together costs hardly more than writing one.
const GATHER_MS = 100;
// A statement with this many reports has some 400 kB.
const MOST_AT_ONCE = 500;

// 10,000 agents send this many heartbeats in ten seconds. An agent gives up after ten seconds, so a longer queue is of no use.
const MOST_WAITING = 6_670;

/**
 * Writes the reports of a tenth of a second together. Each call resolves when its own report is committed. A report
 * that cannot be written does not keep the others from being written. Throws DATABASE_UNAVAILABLE while too many wait.
 */
export function gatherReports<Report>(gathering: Gathering<Report>): (report: Report) => Promise<void> {
  const { write, isHopeless, clock } = gathering;
  const waiting: Waiting<Report>[] = [];
  let isWriting = false;

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      await clock.sleep(GATHER_MS);
      await writeTogether(waiting.splice(0, MOST_AT_ONCE));
    }
    isWriting = false;
  }

  async function writeTogether(some: readonly Waiting<Report>[]): Promise<void> {
    try {
      await write(some.map(({ report }) => report));
      for (const { resolve } of some) resolve();
    } catch (error) {
      if (some.length > 1 && !isHopeless(error)) {
        for (const one of some) await writeTogether([one]);
      } else for (const { reject } of some) reject(error);
    }
  }

  return (report) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= MOST_WAITING) return reject(tooMany());
      waiting.push({ report, resolve, reject });
      if (isWriting) return;
      isWriting = true;
      void writeAll();
    });
}

function tooMany(): OperationalError {
  return new OperationalError('DATABASE_UNAVAILABLE', {
    happened: `The database does not keep up: ${MOST_WAITING} reports of agents wait to be written`,
    remedy: 'Look at the load of the database; agents send the next report by themselves',
  });
}
