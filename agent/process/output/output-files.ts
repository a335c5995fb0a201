import { closeSync, constants, fchmodSync, fchownSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from '../users.ts';

export interface OutputFiles {
  readonly stdout: number;
  readonly stderr: number;
}

/** The two files of a process, open to write, in a directory of their own that only the agent can enter. */
export function createOutputFiles(directory: string, account: Account, isRoot: boolean): OutputFiles {
  mkdirSync(directory, { mode: 0o700 });
  const stdout = createOutputFile(join(directory, 'stdout'), account, isRoot);
  try {
    return { stdout, stderr: createOutputFile(join(directory, 'stderr'), account, isRoot) };
  } catch (error) {
    closeSync(stdout);
    throw error;
  }
}

/**
 * A file and not a pipe: a pipe loses what a child that exits at once has not flushed. `> /dev/stdout` opens it once more by
 * name, also in a command that the process runs as another user, so everybody may who holds it; nobody else can enter the
 * directory. O_APPEND keeps stdout and stderr whole when both lead here.
 */
function createOutputFile(path: string, account: Account, isRoot: boolean): number {
  const fd = openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_APPEND, 0o600);
  fchmodSync(fd, 0o666);
  if (isRoot) fchownSync(fd, account.uid, account.gid);
  return fd;
}
