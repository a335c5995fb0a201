import { closeSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { messageOf, OperationalError } from '../../shared/model/error.ts';

// Far larger than any table, recording or answer of ECS.
const MAX_BYTES = 64 * 1024 * 1024;
const PIECE_BYTES = 64 * 1024;

/** Returns the file status of a path that a person gave; undefined when there is no file. Throws USAGE when the path cannot be examined. */
export function statGivenPath(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    // For example a link to itself, a name that is too long, or a directory without search permission.
    throw new OperationalError('USAGE', {
      happened: `${path} cannot be used: ${messageOf(cause)}`,
      remedy: 'Give the path of something that is there and that you may read',
      cause,
    });
  }
}

/**
 * Reads text from a path that a person gave. The path may be a pipe, as of `<(…)` in a shell, which may never end, so reading
 * stops at a limit. Throws the errors of the system.
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
