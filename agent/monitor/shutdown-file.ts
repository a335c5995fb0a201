import { closeSync, constants, lstatSync, openSync } from 'node:fs';
import type { Clock } from '../../shared/time/clock.ts';
import { msToFullSecond } from './full-second.ts';

/** A file, an empty one, a link that leads nowhere, a directory: whatever has the name, counts. */
function shutdownFileExists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A parent that is no directory, or may not be entered: there is no such file for us.
    return false;
  }
}

/** The same as `touch`, but never through a link that the build has put there. */
export function touchShutdownFile(path: string): void {
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;
  try {
    closeSync(openSync(path, flags, 0o644));
  } catch {
    // It is there already, or the disk takes no more files: whoever asked to shut down is obeyed without it.
  }
}

/**
 * Checks once a second: one lstat takes 5.5 microseconds, and inotify would take one of the 128 instances that a host
 * gives each user.
 */
export async function watchShutdownFile(
  path: string,
  onFound: () => void,
  clock: Clock,
  abort: AbortSignal,
): Promise<void> {
  while (!abort.aborted) {
    if (shutdownFileExists(path)) return onFound();
    await clock.sleep(msToFullSecond(clock), abort);
  }
}
