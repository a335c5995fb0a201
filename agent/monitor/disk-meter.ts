import { statSync } from 'node:fs';
import { walkChangedFiles, type ChangedFiles, type WalkOptions } from './changed-files.ts';
import { readDiskSpace, type DiskSpace } from './disk-space.ts';
import type { DiskMethod, DiskReading } from './disk.ts';

export interface DiskMeter {
  readonly method: DiskMethod;
  measure(): Promise<DiskReading>;
  readFreeBytes(): number;
  /** Counts everything from now on as the build's. The agent has taken its own space by now, the spool above all. */
  begin(): void;
}

/** Files without a name that still take space; the processes that hold them open know of them. */
interface UnlinkedFiles {
  readonly files: readonly { readonly device: number; readonly bytes: number }[];
  readonly isComplete: boolean;
}

export interface MeterOptions {
  readonly method: DiskMethod;
  readonly walk: WalkOptions;
  /** Bytes of the agent's own output files, which are not the build's fault. */
  readonly ownBytes: () => number;
  /** Files of the build that are deleted and still open. */
  readonly findDeleted: () => Promise<UnlinkedFiles>;
}

interface MeasuredSpace extends Pick<ChangedFiles, 'bytes' | 'files'> {
  readonly confidence: DiskReading['confidence'];
}

/** Adds up the used space of the filesystems; the tightest of them counts for free space. */
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

/** Returns a missing path itself; readDiskSpace then reports what is wrong with it. */
function deviceOf(path: string): number | string {
  return statSync(path, { throwIfNoEntry: false })?.dev ?? path;
}

/** Measures what the workload took since it began. */
export function createDiskMeter(options: MeterOptions): DiskMeter {
  const { method, walk } = options;
  let atStart = space(walk.paths);
  const byStatfs = (now: DiskSpace): MeasuredSpace => ({
    bytes: now.usedBytes - atStart.usedBytes - options.ownBytes(),
    files: now.usedInodes - atStart.usedInodes,
    confidence: 'exact',
  });
  const byWalk = async (): Promise<MeasuredSpace> => {
    const walked = await walkChangedFiles(walk);
    const deleted = await options.findDeleted();
    const held = deleted.files.filter(({ device }) => walked.devices.has(device));
    return {
      bytes: walked.bytes + held.reduce((total, { bytes }) => total + bytes, 0),
      files: walked.files + held.length,
      confidence: walked.isComplete && deleted.isComplete ? 'estimated' : 'stale',
    };
  };
  return {
    method,
    begin: () => void (atStart = space(walk.paths)),
    readFreeBytes: () => space(walk.paths).freeBytes,
    async measure() {
      const startMs = walk.monotonicMs();
      const now = space(walk.paths);
      const { bytes, files, confidence } = method === 'statfs' ? byStatfs(now) : await byWalk();
      return {
        workloadBytes: Math.max(0, bytes),
        inodes: Math.max(0, files),
        freeBytes: now.freeBytes,
        tookMs: walk.monotonicMs() - startMs,
        confidence,
      };
    },
  };
}
