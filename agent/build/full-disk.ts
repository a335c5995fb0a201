import { accessSync, constants, statfsSync } from 'node:fs';

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
/** Returns the disk below the path when it is full; null when it is not, or when nobody can say. */
export function fullDiskOf(path: string): FullDisk | null {
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
