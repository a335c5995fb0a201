import type { Clock } from '../../../shared/time/clock.ts';
import { fullDiskOf, type FullDisk } from '../full-disk.ts';

// Reading a disk takes 5 microseconds. What is full for a shorter time may not be seen.
const INTERVAL_MS = 100;

/** The first of these directories whose disk is full; null when none is. */
function findFullDisk(paths: readonly string[]): FullDisk | null {
  for (const path of new Set(paths)) {
    const full = fullDiskOf(path);
    if (full !== null) return full;
  }
  return null;
}

export interface FullDiskWatch {
  readonly end: () => void;
  /** The disk that was first seen full, also one that has space again. */
  readonly found: () => FullDisk | null;
}

/** Looks at the disks until its end, because a program may remove what it could not write to its end. */
export function watchFullDisk(paths: readonly string[], clock: Clock): FullDiskWatch {
  const ended = new AbortController();
  let found: FullDisk | null = null;
  const watch = async (): Promise<void> => {
    while (!ended.signal.aborted && found === null) {
      await clock.sleep(INTERVAL_MS, ended.signal);
      found = findFullDisk(paths);
    }
  };
  void watch();
  return {
    end: () => {
      ended.abort();
      found ??= findFullDisk(paths);
    },
    found: () => found,
  };
}
