import type { DestinationStream } from 'pino';

export interface LogDestinationOptions {
  /** Writes at once, as much as it can, and returns how many bytes that were. */
  readonly write: (bytes: Uint8Array) => number;
  /** Stops everything for so long. */
  readonly pause: (ms: number) => void;
  /** Called when lines can be written again, with how many were lost. */
  readonly onLost: (lines: number) => void;
}

// A reader that is behind gets a second to catch up, once until it does: a burst of lines is not lost, and a reader that hangs costs
// no renewal of a lease.
const PAUSE_MS = 10;
const MOST_PAUSES = 100;
const NEWLINE = Buffer.from('\n');

/**
 * Returns a destination of a log on which no program depends: a line that cannot be written is dropped. The destination of pino
 * ends the program when its disk is full or its terminal is gone, and waits for room before that: a node would answer nobody and
 * end by no SIGTERM, for want of its log.
 */
export function createLogDestination(options: LogDestinationOptions): DestinationStream {
  let lost = 0;
  /** Whether the beginning of a lost line was written. */
  let isBroken = false;
  return {
    write(line) {
      const bytes = Buffer.from(line);
      const left = writeWhole(
        isBroken ? Buffer.concat([NEWLINE, bytes]) : bytes,
        lost === 0 ? MOST_PAUSES : 0,
        options,
      );
      isBroken = left > 0 && (isBroken || left < bytes.length);
      if (left > 0) {
        lost += 1;
        return;
      }
      const lines = lost;
      lost = 0;
      if (lines > 0) options.onLost(lines);
    },
  };
}

/** Returns how many bytes could not be written. */
function writeWhole(bytes: Buffer, mostPauses: number, { write, pause }: LogDestinationOptions): number {
  let at = 0;
  for (let pauses = 0; at < bytes.length;) {
    try {
      at += write(bytes.subarray(at));
    } catch (error) {
      const isBehind = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
      // Any other error (no room, no reader, no terminal) lasts, and nowhere is left to report it.
      if (!isBehind || pauses >= mostPauses) break;
      pauses += 1;
      pause(PAUSE_MS);
    }
  }
  return bytes.length - at;
}
