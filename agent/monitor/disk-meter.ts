import { statSync } from 'node:fs';
import { walkChangedFiles, type WalkOptions } from './changed-files.ts';
import { readDiskSpace, type DiskSpace } from './disk-space.ts';
import type { DiskMethod, DiskReading } from './disk.ts';

export interface DiskMeter {
  readonly method: DiskMethod;
  measure(): Promise<DiskReading>;
  readFreeBytes(): number;
  readonly spaceAtStart: DiskSpace;
}

export interface MeterOptions {
  readonly method: DiskMethod;
  readonly walk: WalkOptions;
  /** Bytes of the agent's own output files, which are not the build's fault. */
  readonly ownBytes: () => number;
}

/** Of several filesystems the tightest counts for free space; what they use is added up. */
function space(paths: readonly string[]): DiskSpace {
  const byDevice = new Map(paths.map((path) => [deviceOf(path), path]));
  const all = [...byDevice.values()].map((path) => readDiskSpace(path));
  const sum = (pick: (one: DiskSpace) => number): number => all.reduce((total, one) => total + pick(one), 0);
  return {
    totalBytes: sum((one) => one.totalBytes),
    usedBytes: sum((one) => one.usedBytes),
    freeBytes: Math.min(...all.map((one) => one.freeBytes)),
    usedInodes: sum((one) => one.usedInodes),
  };
}

/** A path that is not there stands for itself, and readDiskSpace says what is wrong with it. */
function deviceOf(path: string): number | string {
  return statSync(path, { throwIfNoEntry: false })?.dev ?? path;
}

/** Measures what the workload took since now. */
export function createDiskMeter(options: MeterOptions): DiskMeter {
  const { method, walk } = options;
  const atStart = space(walk.paths);
  const byStatfs = (now: DiskSpace): { bytes: number; files: number } => ({
    bytes: now.usedBytes - atStart.usedBytes - options.ownBytes(),
    files: now.usedInodes - atStart.usedInodes,
  });
  return {
    method,
    spaceAtStart: atStart,
    readFreeBytes: () => space(walk.paths).freeBytes,
    async measure() {
      const startMs = walk.monotonicMs();
      const now = space(walk.paths);
      const { bytes, files } = method === 'statfs' ? byStatfs(now) : await walkChangedFiles(walk);
      return {
        workloadBytes: Math.max(0, bytes),
        inodes: Math.max(0, files),
        freeBytes: now.freeBytes,
        tookMs: walk.monotonicMs() - startMs,
      };
    },
  };
}
