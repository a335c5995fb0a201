import { accessSync, constants, statfsSync } from 'node:fs';
import type { Clock } from '../../../shared/time/clock.ts';

/** A disk on which nothing more can be written. */
export interface FullDisk {
  readonly path: string;
  readonly freeBytes: number;
  readonly lacks: 'space' | 'inodes';
}

// A program writes more than one block and one file; with less than this it fails soon (chosen).
const FULL_BYTES = 1_000_000;
const FULL_INODES = 10;
// A small disk, such as one in memory for a home directory, has less from its beginning.
const FULL_SHARE = 1 / 50;
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

function fullDiskOf(path: string): FullDisk | null {
  try {
    const { bsize, blocks, bavail, files, ffree } = statfsSync(path);
    const freeBytes = bavail * bsize;
    const fullBytes = Math.min(FULL_BYTES, blocks * bsize * FULL_SHARE);
    const lacks = blocks > 0 && freeBytes < fullBytes ? 'space' : files > 0 && ffree < FULL_INODES ? 'inodes' : null;
    if (lacks === null) return null;
    // A filesystem that can only be read is always full.
    accessSync(path, constants.W_OK);
    return { path, freeBytes, lacks };
  } catch {
    // Not there, or not to be written by this user.
    return null;
  }
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
