import { closeSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { messageOf, OperationalError } from '../../shared/model/error.ts';

// Far more than any table, recording or answer of ECS has.
const MAX_BYTES = 64 * 1024 * 1024;
const PIECE_BYTES = 64 * 1024;

/** What is at a path that a person gave; undefined when nothing is. Throws USAGE when that cannot be told. */
export function statGivenPath(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    // A link to itself, a name that is too long, a directory that may not be searched.
    throw new OperationalError('USAGE', {
      happened: `${path} cannot be used: ${messageOf(cause)}`,
      remedy: 'Give the path of something that is there and that you may read',
      cause,
    });
  }
}

/**
 * Reads text from a path that a person gave. It may be a pipe, as of `<(…)` in a shell, and so it may have no end: reading stops
 * at a limit. Throws what the system says.
 */
export function readGivenText(path: string): string {
  const file = openSync(path, 'r');
  try {
    const pieces: Buffer[] = [];
    for (let bytes = 0; bytes <= MAX_BYTES;) {
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      const count = readSync(file, piece);
      if (count === 0) return Buffer.concat(pieces).toString();
      pieces.push(piece.subarray(0, count));
      bytes += count;
    }
    throw new Error(`it has more than ${MAX_BYTES} bytes`);
  } finally {
    closeSync(file);
  }
}
