import { statfsSync } from 'node:fs';
import { OperationalError, messageOf } from '../../shared/model/error.ts';

/** Space of a filesystem by its own account; reading it takes 3 to 7 microseconds. */
export interface DiskSpace {
  readonly totalBytes: number;
  readonly usedBytes: number;
  /** Bytes that an ordinary user may still write. */
  readonly freeBytes: number;
  readonly usedInodes: number;
  /** Files that may still be made; Infinity on a filesystem that makes inodes as it needs them. */
  readonly freeInodes: number;
}

export function readDiskSpace(path: string): DiskSpace {
  try {
    const { bsize, blocks, bfree, bavail, files, ffree } = statfsSync(path);
    return {
      totalBytes: blocks * bsize,
      usedBytes: (blocks - bfree) * bsize,
      freeBytes: bavail * bsize,
      usedInodes: files - ffree,
      freeInodes: files === 0 ? Infinity : ffree,
    };
  } catch (cause) {
    throw new OperationalError('DISK_UNREADABLE', {
      happened: `The disk below ${path} cannot be measured: ${messageOf(cause)}`,
      remedy: 'Check [disk] paths in config.ini: every path must exist when the agent starts',
      cause,
    });
  }
}
