import { statSync } from 'node:fs';
import { walkChangedFiles, type ChangedFiles, type WalkOptions } from './changed-files.ts';
import { readDiskSpace, type DiskSpace } from './disk-space.ts';
import type { DiskMethod, DiskReading, DiskRoom, InodeUse } from './disk.ts';

export interface DiskMeter {
  readonly method: DiskMethod;
  measure(): Promise<DiskReading>;
  readFree(): DiskRoom;
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
  /** What the build's output takes in the agent's own files, which do not count for the limit of the build. */
  readonly outputBytes: () => number;
  /** Holds those files. */
  readonly outputDirectory: string;
  /** Files of the build that are deleted and still open. */
  readonly findDeleted: () => Promise<UnlinkedFiles>;
}

type Device = number | string;
type Spaces = ReadonlyMap<Device, DiskSpace>;

interface MeasuredSpace extends Pick<ChangedFiles, 'bytes' | 'files'> {
  readonly bytesOn: (device: Device) => number;
  readonly filesOn: (device: Device) => number;
  readonly confidence: DiskReading['confidence'];
}

/** Reads the space of each filesystem once. */
function readSpaces(paths: readonly string[]): Spaces {
  const byDevice = new Map(paths.map((path) => [deviceOf(path), path]));
  return new Map([...byDevice].map(([device, path]) => [device, readDiskSpace(path)]));
}

function fullestOf(spaces: Spaces): readonly [Device, DiskSpace] {
  const [fullest] = [...spaces].toSorted(([, one], [, other]) => one.freeBytes - other.freeBytes);
  if (!fullest) throw new Error('no path is measured');
  return fullest;
}

function scarcestOf(spaces: Spaces): readonly [Device, DiskSpace] {
  // Compared, and not subtracted: the difference of two infinite numbers is none.
  return [...spaces].reduce((one, other) => (other[1].freeInodes < one[1].freeInodes ? other : one));
}

/** Returns a missing path itself; readDiskSpace then reports what is wrong with it. */
function deviceOf(path: string): Device {
  return statSync(path, { throwIfNoEntry: false })?.dev ?? path;
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, one) => total + one, 0);

/** Measures what the workload took since it began. */
export function createDiskMeter(options: MeterOptions): DiskMeter {
  const { method, walk } = options;
  let atStart = readSpaces(walk.paths);
  const growth = (now: Spaces, device: Device, pick: (space: DiskSpace) => number): number => {
    const [before, after] = [atStart.get(device), now.get(device)];
    return before && after ? pick(after) - pick(before) : 0;
  };
  const outputOn = (device: Device): number =>
    device === deviceOf(options.outputDirectory) ? options.outputBytes() : 0;
  const byStatfs = (now: Spaces): MeasuredSpace => ({
    bytes: sum([...now.keys()].map((device) => growth(now, device, (one) => one.usedBytes))) - options.outputBytes(),
    bytesOn: (device) => growth(now, device, (one) => one.usedBytes) - outputOn(device),
    files: sum([...now.keys()].map((device) => growth(now, device, (one) => one.usedInodes))),
    filesOn: (device) => growth(now, device, (one) => one.usedInodes),
    confidence: 'exact',
  });
  const byWalk = async (now: Spaces): Promise<MeasuredSpace> => {
    const walked = await walkChangedFiles(walk);
    const deleted = await options.findDeleted();
    const held = deleted.files.filter(({ device }) => walked.devices.has(device));
    // Files of an overlay have another device than its directories. With one filesystem all are on that one.
    const heldOn = (device: Device): typeof held => held.filter((file) => now.size === 1 || file.device === device);
    return {
      bytes: walked.bytes + sum(held.map(({ bytes }) => bytes)),
      bytesOn: (device) => (walked.bytesOn.get(device) ?? 0) + sum(heldOn(device).map(({ bytes }) => bytes)),
      filesOn: (device) => (walked.filesOn.get(device) ?? 0) + heldOn(device).length,
      files: walked.files + held.length,
      confidence: walked.isComplete && deleted.isComplete ? 'estimated' : 'stale',
    };
  };
  return {
    method,
    begin: () => void (atStart = readSpaces(walk.paths)),
    readFree() {
      const now = readSpaces(walk.paths);
      return { bytes: fullestOf(now)[1].freeBytes, inodes: scarcestOf(now)[1].freeInodes };
    },
    async measure() {
      const startMs = walk.monotonicMs();
      const now = readSpaces(walk.paths);
      const measured = method === 'statfs' ? byStatfs(now) : await byWalk(now);
      const { bytes, files, confidence } = measured;
      const [device, { freeBytes }] = fullestOf(now);
      return {
        workloadBytes: Math.max(0, bytes),
        inodes: Math.max(0, files),
        freeBytes,
        fullest: {
          freeAtStartBytes: atStart.get(device)?.freeBytes ?? freeBytes,
          workloadBytes: Math.max(0, measured.bytesOn(device)),
          outputBytes: outputOn(device),
        },
        inodesLeft: inodesOf(scarcestOf(now), atStart, measured),
        tookMs: walk.monotonicMs() - startMs,
        confidence,
      };
    },
  };
}

function inodesOf(
  [device, { freeInodes: free }]: readonly [Device, DiskSpace],
  atStart: Spaces,
  { filesOn }: MeasuredSpace,
): InodeUse | null {
  if (!Number.isFinite(free)) return null;
  return { free, freeAtStart: atStart.get(device)?.freeInodes ?? free, workload: Math.max(0, filesOn(device)) };
}
