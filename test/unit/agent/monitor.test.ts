import { describe, expect, it } from 'vitest';
import { msToFullSecond } from '../../../agent/monitor/full-second.ts';
import { networkBytes, readCgroup } from '../../../agent/monitor/cgroup.ts';
import {
  chooseDiskMethod,
  diskBreach,
  nextDiskCheckMs,
  secondsToLimit,
  watchDisk,
  type DiskReading,
} from '../../../agent/monitor/disk.ts';
import { isStalled } from '../../../agent/monitor/limits.ts';
import { uncoveredMounts } from '../../../agent/monitor/mounts.ts';
import type { Clock } from '../../../shared/time/clock.ts';

const MB = 1_000_000;
const reading = (workloadBytes: number, more: Partial<DiskReading> = {}): DiskReading => ({
  workloadBytes,
  inodes: 1,
  freeBytes: 1_000 * MB,
  fullest: { freeAtStartBytes: 1_000 * MB, workloadBytes, outputBytes: 0 },
  inodesLeft: null,
  tookMs: 1,
  confidence: 'exact',
  ...more,
});

describe('a beat', () => {
  it.each([
    [2_300, 1_000, 700],
    [2_000, 1_000, 1_000],
    [2_300, 50, 50],
    [2_970, 50, 30],
    [2_300, 60_000, 59_700],
    [1_999.6, 1_000, 1_000],
  ])('at %d ms is the last full second within %d ms, in %d ms', (nowMs, withinMs, expected) => {
    const clock: Clock = { now: () => new Date(), monotonicMs: () => nowMs, sleep: () => Promise.resolve() };
    expect(msToFullSecond(clock, withinMs)).toBe(expected);
  });
});

describe('the disk limit', () => {
  const limits = { maxBytes: 100 * MB, maxInodes: 10, reserveBytes: 64 * MB, isOwnDisk: false };

  it.each([
    [reading(100 * MB), undefined],
    [reading(100 * MB + 1), 'limit-disk'],
    [reading(1, { inodes: 11 }), 'limit-inodes'],
    [reading(1, { freeBytes: MB }), 'host-disk-pressure'],
    [reading(101 * MB, { freeBytes: 0, inodes: 99 }), 'limit-disk'],
  ])('%j is %s', (measured, cause) => {
    expect(diskBreach(measured, limits)).toBe(cause);
  });

  interface Filling {
    readonly free: readonly [atStart: number, now: number];
    readonly files: number;
    readonly output?: number;
    readonly isOwnDisk?: true;
  }

  it.each<[string, Filling, string | undefined]>([
    ['the build has filled a disk that is smaller than its limit', { free: [200, 60], files: 140 }, 'limit-disk'],
    ['the build has filled it to the last byte', { free: [200, 0], files: 200 }, 'limit-disk'],
    ['the build has taken more than others have', { free: [400, 60], files: 180 }, 'limit-disk'],
    ['the build has taken what others have given back', { free: [200, 60], files: 300 }, 'limit-disk'],
    ['output of the build has filled it', { free: [200, 60], files: 1, output: 139 }, 'limit-disk'],
    ['others have taken more than the build has', { free: [400, 60], files: 160 }, 'host-disk-pressure'],
    ['others have filled it and the build wrote nothing', { free: [400, 0], files: 0 }, 'host-disk-pressure'],
    ['it was nearly full before the build began', { free: [100, 60], files: 40 }, 'host-disk-pressure'],
    ['it was full before the build began', { free: [10, 10], files: 0 }, 'host-disk-pressure'],
    ['a small disk of its own is full', { free: [100, 60], files: 40, isOwnDisk: true }, 'limit-disk'],
    ['a disk of its own was full with the image', { free: [60, 60], files: 0, isOwnDisk: true }, 'host-disk-pressure'],
    ['there is room left', { free: [200, 65], files: 135 }, undefined],
  ])('a build that fills its own disk is not told that it is not to blame: %s', (_name, filling, cause) => {
    const { free, files, output = 0, isOwnDisk = false } = filling;
    const fullest = { freeAtStartBytes: free[0] * MB, workloadBytes: files * MB, outputBytes: output * MB };
    const measured = reading(files * MB, { freeBytes: free[1] * MB, fullest });
    expect(diskBreach(measured, { ...limits, maxBytes: 10_000 * MB, isOwnDisk })).toBe(cause);
  });

  interface Emptying {
    readonly free: readonly [atStart: number, now: number];
    readonly files: number;
    readonly isOwnDisk?: true;
  }

  it.each<[string, Emptying, string | undefined]>([
    ['by the build', { free: [5_000, 3], files: 4_990 }, 'limit-inodes'],
    ['by somebody else', { free: [5_000, 3], files: 100 }, 'host-disk-pressure'],
    ['before the build began, on a disk of others', { free: [150, 99], files: 51 }, 'host-disk-pressure'],
    ['before the build began, on its own disk', { free: [150, 99], files: 51, isOwnDisk: true }, 'limit-inodes'],
    ['not yet', { free: [5_000, 100], files: 4_900 }, undefined],
    ['on a filesystem that says 0 without counting', { free: [0, 0], files: 4_900 }, undefined],
  ])('a disk without free inodes ends the build although it has space, emptied %s', (_name, emptying, cause) => {
    const { free, files: workload, isOwnDisk = false } = emptying;
    const measured = reading(MB, { inodes: workload, inodesLeft: { free: free[1], freeAtStart: free[0], workload } });
    expect(diskBreach(measured, { ...limits, maxInodes: 0, isOwnDisk })).toBe(cause);
    expect(diskBreach({ ...measured, freeBytes: 0 }, { ...limits, maxInodes: 0 })).toBe('host-disk-pressure');
  });

  it('has no limit of files when that is 0', () => {
    expect(diskBreach(reading(1, { inodes: 1e9 }), { ...limits, maxInodes: 0 })).toBeUndefined();
  });

  it('is looked at the sooner the faster it is filled, and a slow walk takes 5 % of the time at most', () => {
    expect(secondsToLimit(reading(0), reading(50 * MB), 1_000, 100 * MB)).toBe(1);
    expect(secondsToLimit(reading(50 * MB), reading(50 * MB), 1_000, 100 * MB)).toBeNull();
    expect(nextDiskCheckMs(reading(0), null)).toBe(1_000);
    expect(nextDiskCheckMs(reading(0), 2)).toBe(500);
    expect(nextDiskCheckMs(reading(0), 0)).toBe(100);
    expect(nextDiskCheckMs(reading(0, { tookMs: 100 }), 0)).toBe(2_000);
    expect(nextDiskCheckMs(reading(0, { tookMs: 60_000 }), null)).toBe(60_000);
  });

  interface Around {
    readonly isIdle?: (ms: number) => boolean;
    readonly freeBytes?: (ms: number) => number;
    readonly freeInodes?: (ms: number) => number;
  }

  /**
   * Runs the watch over the given readings; time passes without waiting. Returns its events and the times of its
   * readings.
   */
  async function watched(
    readings: readonly number[],
    { isIdle = () => false, freeBytes = () => 1_000 * MB, freeInodes = () => Infinity }: Around = {},
  ): Promise<{ events: string[]; readingsAtMs: number[] }> {
    const left = [...readings];
    const stop = new AbortController();
    const events: string[] = [];
    const readingsAtMs: number[] = [];
    let ms = 0;
    const clock: Clock = {
      now: () => new Date(ms),
      monotonicMs: () => ms,
      sleep: (duration) => Promise.resolve(void (ms += duration)),
    };
    await watchDisk(
      {
        measure: () => {
          readingsAtMs.push(ms);
          const next = left.shift();
          if (left.length === 0) stop.abort();
          const inodesLeft = { free: freeInodes(ms), freeAtStart: 5_000, workload: 4_990 };
          return Promise.resolve(reading(next ?? 0, { freeBytes: freeBytes(ms), inodesLeft }));
        },
        readFree: () => ({ bytes: freeBytes(ms), inodes: freeInodes(ms) }),
        limits,
        pause: () => events.push('pause'),
        resume: () => events.push('resume'),
        onReading: () => undefined,
        onBreach: (cause) => events.push(cause),
        isIdle: () => isIdle(ms),
        clock,
      },
      stop.signal,
    );
    return { events, readingsAtMs };
  }

  it('stops a build only when it is exceeded with everything standing still', async () => {
    expect((await watched([1, 200 * MB, 200 * MB, 1])).events).toEqual(['pause', 'limit-disk']);
    expect((await watched([1, 200 * MB, 50 * MB, 1, 1])).events).toEqual(['pause', 'resume']);
  });

  it('is looked at once a minute while nobody is left to write, and within a second of a start', async () => {
    expect((await watched([1, 1, 1])).readingsAtMs).toEqual([0, 1_000, 2_000]);
    expect((await watched([1, 1, 1], { isIdle: () => true })).readingsAtMs).toEqual([0, 60_000, 120_000]);
    expect((await watched([1, 1, 1], { isIdle: (ms) => ms < 30_500 })).readingsAtMs).toEqual([0, 31_000, 32_000]);
  });

  it('is looked at at once, also by an idle agent, when free space shrinks by half of what is left, or below the reserve', async () => {
    const shrinking = (ms: number) => (ms < 5_000 ? 1_000 : 949) * MB;
    expect((await watched([1, 1], { isIdle: () => true, freeBytes: shrinking })).readingsAtMs).toEqual([0, 5_000]);
    const scarce = (ms: number) => (ms < 7_000 ? 100 : 63) * MB;
    expect(await watched([1, 1, 1, 1], { isIdle: () => true, freeBytes: scarce })).toEqual({
      events: ['pause', 'host-disk-pressure'],
      readingsAtMs: [0, 7_000, 7_100],
    });
  });

  it('is looked at at once when an idle build has no inodes left', async () => {
    const scarce = (ms: number) => (ms < 7_000 ? 5_000 : 3);
    expect(await watched([1, 1, 1, 1], { isIdle: () => true, freeInodes: scarce })).toEqual({
      events: ['pause', 'limit-inodes'],
      readingsAtMs: [0, 7_000, 7_100],
    });
  });
});

describe('the disk method', () => {
  const place = {
    method: 'auto',
    sharesMachine: false,
    isFargate: false,
    totalBytes: 1e12,
    initialBytes: 1e9,
    maxBytes: 1e10,
  } as const;
  it.each([
    [{ ...place, method: 'statfs', sharesMachine: true } as const, 'statfs'],
    [{ ...place, sharesMachine: true, isFargate: true }, 'changed-files'],
    [{ ...place, isFargate: true }, 'statfs'],
    [{ ...place, totalBytes: 12e9 }, 'statfs'],
    [place, 'changed-files'],
  ])('of %j is %s', (given, method) => {
    expect(chooseDiskMethod(given)).toBe(method);
  });
});

describe('the cgroup of a container', () => {
  const files = (map: Record<string, string>) => (path: string) => map[path];

  it('is read in version 2', () => {
    const read = files({
      '/proc/self/cgroup': '0::/\n',
      '/sys/fs/cgroup/cgroup.controllers': 'cpu memory',
      '/sys/fs/cgroup/cpu.stat': 'usage_usec 1500000\nuser_usec 1\n',
      '/sys/fs/cgroup/memory.current': '1000\n',
      '/sys/fs/cgroup/memory.stat': 'anon 5\ninactive_file 400\n',
      '/sys/fs/cgroup/memory.events': 'oom 3\noom_kill 2\n',
    });
    expect(readCgroup(read)).toEqual({ cpuSeconds: 1.5, memoryBytes: 600, oomKills: 2 });
  });

  it('is read in version 1, below the path of its own or at the top', () => {
    const read = files({
      '/proc/self/cgroup': '4:memory:/docker/x\n2:cpu,cpuacct:/docker/x\n0::/\n',
      '/sys/fs/cgroup/cpuacct/docker/x/cpuacct.usage': '2500000000\n',
      '/sys/fs/cgroup/memory/memory.usage_in_bytes': '1000\n',
      '/sys/fs/cgroup/memory/memory.stat': 'inactive_file 1\ntotal_inactive_file 300\n',
      '/sys/fs/cgroup/memory/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n',
    });
    expect(readCgroup(read)).toEqual({ cpuSeconds: 2.5, memoryBytes: 700, oomKills: 1 });
  });

  it('that cannot be read gives unknown figures, never 0', () => {
    expect(readCgroup(() => undefined)).toEqual({ cpuSeconds: null, memoryBytes: null, oomKills: null });
    expect(networkBytes(undefined)).toBeNull();
  });

  it('has its network counted without loopback', () => {
    const text = 'Inter-|   Receive\n face |bytes\n    lo: 5 0 0 0 0 0 0 0 5 0 0\n  eth0: 10 1 0 0 0 0 0 0 20 1 0 0\n';
    expect(networkBytes(text)).toEqual({ rx: 10, tx: 20 });
  });
});

describe('mounts', () => {
  const mountinfo = [
    '27 1 0:40 / / rw,relatime - overlay overlay rw',
    '28 27 0:41 / /proc rw - proc proc rw',
    '29 27 254:0 /x /etc/hosts rw - ext4 /dev/vda rw',
    '30 27 254:1 / /data rw - ext4 /dev/vdb rw',
    '31 27 254:2 / /config ro - ext4 /dev/vdc ro',
  ].join('\n');

  it('that are writable and not measured are named', () => {
    expect(uncoveredMounts(mountinfo, ['/'])).toEqual(['/data']);
    expect(uncoveredMounts(mountinfo, ['/', '/data/deep'])).toEqual([]);
  });
});

describe('progress', () => {
  it('is missing when one command has had none for the limit, and never when that is 0', () => {
    expect(isStalled([1, 600], 600)).toBe(true);
    expect(isStalled([1, 599], 600)).toBe(false);
    expect(isStalled([1e6], 0)).toBe(false);
  });
});
