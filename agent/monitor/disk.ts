import type { Usage } from '../../shared/protocol/signals.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { msToFullSecond } from './full-second.ts';

export type DiskMethod = NonNullable<Usage['disk']['method']>;
const DISK_CAUSES = ['limit-disk', 'limit-inodes', 'host-disk-pressure'] as const;
export type DiskCause = (typeof DISK_CAUSES)[number];

export function isDiskCause(cause: string): cause is DiskCause {
  return DISK_CAUSES.some((one) => one === cause);
}

/** Who has taken the space of one filesystem since the build began. */
interface FilesystemUse {
  readonly freeAtStartBytes: number;
  readonly workloadBytes: number;
  /** The build's output, which the agent keeps. */
  readonly outputBytes: number;
}

/** Who has taken the inodes of one filesystem since the build began. */
export interface InodeUse {
  readonly free: number;
  readonly freeAtStart: number;
  readonly workload: number;
}

/** One measurement of what the workload takes. */
export interface DiskReading {
  readonly workloadBytes: number;
  readonly inodes: number;
  /** Free bytes of the fullest filesystem that is measured. */
  readonly freeBytes: number;
  readonly fullest: FilesystemUse;
  /** Free inodes of the filesystem that has the fewest; null where none counts them. */
  readonly inodesLeft: InodeUse | null;
  /** How long the measurement took. */
  readonly tookMs: number;
  /** `stale` when files that are deleted and still open, or too deep, could not be found. */
  readonly confidence: 'exact' | 'estimated' | 'stale';
}

export interface DiskLimits {
  readonly maxBytes: number;
  /** 0 means no limit. */
  readonly maxInodes: number;
  readonly reserveBytes: number;
  /** Whether nobody but the container writes to the filesystem. */
  readonly isOwnDisk: boolean;
}

/** A filesystem this much larger than all it may hold is somebody else's too. */
const OWN_FILESYSTEM_RATIO = 1.1;

export interface FilesystemFacts {
  readonly method: 'auto' | DiskMethod;
  /** Whether the agent shares the machine with others (WIP_AGENT_ROOT). */
  readonly sharesMachine: boolean;
  /** Fargate gives every task a disk of its own. */
  readonly isFargate: boolean;
  readonly totalBytes: number;
  readonly initialBytes: number;
  readonly maxBytes: number;
}

/** statfs is quick and exact where nobody else writes; anywhere else it would charge the build with others' files. */
export function chooseDiskMethod(facts: FilesystemFacts): DiskMethod {
  if (facts.method !== 'auto') return facts.method;
  if (facts.sharesMachine) return 'changed-files';
  return isOwnDisk(facts) ? 'statfs' : 'changed-files';
}

/** Returns whether the disk is the container's alone, as far as its kind and size tell. */
export function isOwnDisk({ method, isFargate, totalBytes, initialBytes, maxBytes }: FilesystemFacts): boolean {
  return method === 'statfs' || isFargate || totalBytes <= OWN_FILESYSTEM_RATIO * (initialBytes + maxBytes);
}

/** The build's own doing is named first: a full disk that the build filled is no pressure of the host. */
export function diskBreach(reading: DiskReading, limits: DiskLimits): DiskCause | undefined {
  if (reading.workloadBytes > limits.maxBytes) return 'limit-disk';
  if (limits.maxInodes > 0 && reading.inodes > limits.maxInodes) return 'limit-inodes';
  if (reading.freeBytes < limits.reserveBytes) {
    return isFilledByBuild(reading, limits) ? 'limit-disk' : 'host-disk-pressure';
  }
  if (!isOutOfInodes(reading.inodesLeft)) return undefined;
  return isEmptiedByBuild(reading.inodesLeft, limits) ? 'limit-inodes' : 'host-disk-pressure';
}

/** Kept free for the files of the agent; a build that has so few left cannot go on (chosen). */
const RESERVE_INODES = 100;

/** A filesystem that had none at the start does not count them: nothing could have been started on it. */
export function isOutOfInodes(inodes: InodeUse | null): inodes is InodeUse {
  return inodes !== null && inodes.freeAtStart > 0 && inodes.free < RESERVE_INODES;
}

/** Space and inodes that are left on a disk. */
export interface DiskRoom {
  readonly bytes: number;
  readonly inodes: number;
}

/** Whether a measurement may find a breach, as far as a glance can tell. */
export function isNearlyFull({ bytes, inodes }: DiskRoom, reserveBytes: number): boolean {
  return bytes < reserveBytes || inodes < RESERVE_INODES;
}

/** A shared disk with less than this many reserves free at the start was nearly full before the build wrote anything. */
const ROOM_AT_START_RESERVES = 2;

/**
 * The build has filled the disk when most of the space that was lost since its start went to its files and its output. A
 * disk can be smaller than the limit of the build; every other launch would then end in the same way.
 */
function isFilledByBuild({ freeBytes, fullest }: DiskReading, { reserveBytes, isOwnDisk }: DiskLimits): boolean {
  const { freeAtStartBytes, workloadBytes, outputBytes } = fullest;
  if (!isOwnDisk && freeAtStartBytes < ROOM_AT_START_RESERVES * reserveBytes) return false;
  return workloadBytes + outputBytes > (freeAtStartBytes - freeBytes) / 2;
}

/** The same for inodes: many small files can use them up on a disk that has space. */
function isEmptiedByBuild({ free, freeAtStart, workload }: InodeUse, { isOwnDisk }: DiskLimits): boolean {
  if (!isOwnDisk && freeAtStart < ROOM_AT_START_RESERVES * RESERVE_INODES) return false;
  return workload > (freeAtStart - free) / 2;
}

/** Seconds until the limit at the pace between two readings; null while nothing grows. */
export function secondsToLimit(
  before: DiskReading,
  now: DiskReading,
  betweenMs: number,
  maxBytes: number,
): number | null {
  const bytesPerMs = (now.workloadBytes - before.workloadBytes) / betweenMs;
  if (!(bytesPerMs > 0) || betweenMs <= 0) return null;
  return Math.max(0, (maxBytes - now.workloadBytes) / bytesPerMs / 1_000);
}

// The next reading comes after a quarter of the time in which a steady writer would reach the limit. 100 ms bounds a
// writer of 1 GB/s to 0.1 GB above the limit and costs nothing with statfs. A second is soon enough for an idle disk.
const TIME_TO_LIMIT_SHARE = 0.25;
const MIN_INTERVAL_MS = 100;
const MAX_INTERVAL_MS = 1_000;
// A walk may take 5 % of the time, and no longer than a minute may pass without one.
const WALK_SHARE = 0.05;
const MAX_WALK_INTERVAL_MS = 60_000;

/** Decides when to measure again. */
export function nextDiskCheckMs(reading: DiskReading, secondsLeft: number | null): number {
  const wanted = Math.min(
    MAX_INTERVAL_MS,
    Math.max(MIN_INTERVAL_MS, (secondsLeft ?? Infinity) * 1_000 * TIME_TO_LIMIT_SHARE),
  );
  return Math.min(MAX_WALK_INTERVAL_MS, Math.max(wanted, reading.tookMs / WALK_SHARE));
}

/** Long enough for writers that were just stopped to be seen stopped. */
const SECOND_READING_MS = 100;

export interface DiskWatch {
  readonly measure: () => Promise<DiskReading>;
  readonly readFree: () => DiskRoom;
  readonly limits: DiskLimits;
  /** Stop and continue all processes, so that the second reading of a breach is not outrun. */
  readonly pause: () => void;
  readonly resume: () => void;
  readonly onReading: (reading: DiskReading, secondsLeft: number | null) => void;
  readonly onBreach: (cause: DiskCause) => void;
  /** Returns whether no process is left to write, and the last reading has all that was written. */
  readonly isIdle: () => boolean;
  readonly clock: Clock;
}

/** Measures until `abort`, or until a limit is exceeded twice in a row; then calls `onBreach` once. */
export async function watchDisk(watch: DiskWatch, abort: AbortSignal): Promise<void> {
  const { clock, limits } = watch;
  let before: DiskReading | undefined;
  let beforeMs = 0;
  while (!abort.aborted) {
    const reading = await watch.measure();
    const nowMs = clock.monotonicMs();
    const secondsLeft = before ? secondsToLimit(before, reading, nowMs - beforeMs, limits.maxBytes) : null;
    watch.onReading(reading, secondsLeft);
    if (diskBreach(reading, limits) && (await isConfirmed(watch, abort))) return;
    [before, beforeMs] = [reading, nowMs];
    await waitForNext(watch, reading, nextDiskCheckMs(reading, secondsLeft), abort);
  }
}

/** Files are removed at the end of a command more often than not: the breach must still be there with all stopped. */
async function isConfirmed(watch: DiskWatch, abort: AbortSignal): Promise<boolean> {
  watch.pause();
  await watch.clock.sleep(SECOND_READING_MS, abort);
  const again = await watch.measure();
  const cause = abort.aborted ? undefined : diskBreach(again, watch.limits);
  if (cause === undefined) {
    watch.resume();
    return false;
  }
  watch.onReading(again, 0);
  watch.onBreach(cause);
  return true;
}

/**
 * A walk is expensive, but a glance at free space and inodes is not: when they shrink by half of what is left to the build, or
 * below the reserve, measure now. While nobody writes a walk finds what the last one found: it waits for a start, or for
 * the longest interval. An idle agent on an image of 100,000 files would walk for 5 % of its time otherwise.
 */
async function waitForNext(watch: DiskWatch, reading: DiskReading, waitMs: number, abort: AbortSignal): Promise<void> {
  const { clock, limits } = watch;
  const nowMs = clock.monotonicMs();
  // A wait above a second is the price of the last walk. Cut to the full second, walks would take more than their share.
  const end = nowMs + (waitMs > MAX_INTERVAL_MS ? waitMs : msToFullSecond(clock, waitMs));
  const idleEnd = nowMs + MAX_WALK_INTERVAL_MS;
  const alarmBytes = Math.max(0, limits.maxBytes - reading.workloadBytes) / 2;
  for (;;) {
    const leftMs = (watch.isIdle() ? idleEnd : end) - clock.monotonicMs();
    if (leftMs <= 0 || abort.aborted) return;
    await clock.sleep(Math.min(leftMs, msToFullSecond(clock)), abort);
    const free = watch.readFree();
    if (free.bytes < limits.reserveBytes || reading.freeBytes - free.bytes > alarmBytes) return;
    if (free.inodes < RESERVE_INODES && !isOutOfInodes(reading.inodesLeft)) return;
  }
}
