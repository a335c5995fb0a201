import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { readBounded, type BoundedBytes } from '../../shared/http/read-bounded.ts';

/** Returns null for a regular file, otherwise the name of the file's type. */
function kindOfOther(stats: Stats): string | null {
  if (stats.isFile()) return null;
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}

/**
 * Reads `maxBytes` of a regular file at most. Throws for anything else: a pipe may keep its reader waiting for ever, and a
 * device such as /dev/zero has no end. A device is not even opened, because opening some of them has an effect.
 */
export async function readRegularFile(path: string, maxBytes: number): Promise<BoundedBytes> {
  refuseOther(await stat(path));
  // If the file has been replaced by a pipe since the check, opening it without O_NONBLOCK would wait for a writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    refuseOther(await file.stat());
    return await readBounded(file.createReadStream({ autoClose: false }), maxBytes);
  } finally {
    await file.close();
  }
}

/**
 * As readRegularFile, but synchronous, for files that are read before anything else runs. Also throws for a file of more than
 * `maxBytes`.
 */
export function readRegularFileSync(path: string, maxBytes: number): Buffer {
  refuseOther(statSync(path));
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    refuseOther(fstatSync(file));
    const bytes = Buffer.alloc(maxBytes + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, null);
    }
    if (length > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`);
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

function refuseOther(stats: Stats): void {
  const kind = kindOfOther(stats);
  if (kind !== null) throw new Error(`it is ${kind}, and not a regular file`);
}
