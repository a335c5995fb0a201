import type { StreamName } from '../../shared/protocol/signals.ts';
import type { Clock } from '../../shared/support/clock.ts';
import type { OutputReader } from './output-reader.ts';

// How often the output is looked at: soon while it grows, so that whoever watches sees it run; otherwise four times a
// second, which costs less than 0.1 % of a core (two fstat calls of a few microseconds).
const POLL_GROWING_MS = 100;
const POLL_QUIET_MS = 250;

/** Reads both streams while the process runs. */
export async function followOutput(
  { stdout, stderr }: Readonly<Record<StreamName, OutputReader>>,
  isRunning: () => boolean,
  clock: Clock,
): Promise<void> {
  while (isRunning()) {
    const turns = [stdout.readTurn(), stderr.readTurn()];
    const waitMs = turns.includes('more') ? 0 : turns.includes('grew') ? POLL_GROWING_MS : POLL_QUIET_MS;
    await clock.sleep(waitMs);
  }
}
