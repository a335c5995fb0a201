import { OperationalError } from '../../../shared/model/error.ts';
import type { Clock } from '../../../shared/support/clock.ts';

export interface Gathering<Report> {
  /** Writes them in one commit, or none of them. */
  readonly write: (reports: readonly Report[]) => Promise<void>;
  /** Whether trying them one by one would find the same error. */
  readonly isHopeless: (error: unknown) => boolean;
  readonly clock: Clock;
}

interface Waiting<Report> {
  readonly report: Report;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

// Nobody waits for a report but the agent that sent it. A tenth of a second of the heartbeats of 10,000 agents is 67,
// and what they cost together is hardly more than what one does.
const GATHER_MS = 100;
// A statement of some 400 kB, should they all come at once.
const MOST_AT_ONCE = 500;

// The heartbeats of 10,000 agents in the ten seconds after which they give up: more are of no use to anybody.
const MOST_WAITING = 6_670;

/**
 * Writes what comes within a moment together; each caller is answered when its own report is committed. One that
 * cannot be written takes none of the others with it. Throws DATABASE_UNAVAILABLE while too many wait.
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
