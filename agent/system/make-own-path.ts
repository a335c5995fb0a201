import { mkdirSync } from 'node:fs';
import { messageOf, OperationalError } from '../../shared/model/error.ts';

/**
 * Calls `make`, which makes directories or files that the agent needs for itself. Throws FILE_REFUSED with what the image or the task
 * definition has to give when the filesystem refuses: its own words reach the person whose build did not start.
 */
export function makeOwnPath<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (cause instanceof OperationalError) throw cause;
    throw new OperationalError('FILE_REFUSED', {
      happened: `The agent cannot make ${path}, which it needs for itself: ${messageOf(cause)}`,
      remedy: 'Give the container a filesystem there that is writable and not full (readonlyRootFilesystem off)',
      cause,
    });
  }
}

/** Makes a directory and its parents for the agent itself. Throws FILE_REFUSED as makeOwnPath does. */
export function makeOwnDirectory(directory: string, mode: number): void {
  makeOwnPath(directory, () => {
    try {
      mkdirSync(directory, { recursive: true, mode });
    } catch (error) {
      if (!isMissing(error)) throw error;
      // On a read-only filesystem Node says of parents that "there is no such file", and of the directory alone why.
      mkdirSync(directory, { mode });
    }
  });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
