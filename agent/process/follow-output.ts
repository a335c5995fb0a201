import type { StreamName } from '../../shared/protocol/signals.ts';
import type { Clock } from '../../shared/support/clock.ts';
import type { OutputReader } from './output-reader.ts';

// How often the output is looked at: soon while it grows, so that whoever watches sees it run; otherwise four times a
// second, which costs less than 0.1 % of a core (two fstat calls of a few microseconds).
const POLL_GROWING_MS = 100;
const POLL_QUIET_MS = 250;

// A stream that is behind is read alone for so many turns (of 2 MiB): what the other one has may have been written after it.
const TURNS_ALONE = 16;

/** Reads both streams while the process runs. */
export async function followOutput(
  { stdout, stderr }: Readonly<Record<StreamName, OutputReader>>,
  isRunning: () => boolean,
  clock: Clock,
): Promise<void> {
  let [first, second] = [stdout, stderr];
  let turnsAlone = 0;
  while (isRunning()) {
    const turns = [first.readTurn()];
    turnsAlone = turns[0] === 'more' ? turnsAlone + 1 : 0;
    if (turnsAlone === 0 || turnsAlone > TURNS_ALONE) {
      turnsAlone = 0;
      turns.push(second.readTurn());
      if (turns[1] === 'more') [first, second] = [second, first];
    }
    const waitMs = turns.includes('more') ? 0 : turns.includes('grew') ? POLL_GROWING_MS : POLL_QUIET_MS;
    await clock.sleep(waitMs);
  }
}
