import { linkSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { untilBeat } from '../../../agent/monitor/beat.ts';
import { networkBytes, readCgroup } from '../../../agent/monitor/cgroup.ts';
import { placeMarker, walkChangedFiles, type ChangedFiles } from '../../../agent/monitor/changed-files.ts';
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
import type { Clock } from '../../../shared/support/clock.ts';
import { eventually } from '../../kit/eventually.ts';

const MB = 1_000_000;
const reading = (workloadBytes: number, more: Partial<DiskReading> = {}): DiskReading => ({
  workloadBytes,
  inodes: 1,
  freeBytes: 1_000 * MB,
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
    expect(untilBeat(clock, withinMs)).toBe(expected);
  });
});

describe('the disk limit', () => {
  const limits = { maxBytes: 100 * MB, maxInodes: 10, reserveBytes: 64 * MB };

  it.each([
    [reading(100 * MB), undefined],
    [reading(100 * MB + 1), 'limit-disk'],
    [reading(1, { inodes: 11 }), 'limit-inodes'],
    [reading(1, { freeBytes: MB }), 'host-disk-pressure'],
    [reading(101 * MB, { freeBytes: 0, inodes: 99 }), 'limit-disk'],
  ])('%j is %s', (measured, cause) => {
    expect(diskBreach(measured, limits)).toBe(cause);
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

  /** Runs the watch over the given readings; time passes without waiting. */
  async function watched(readings: readonly number[]): Promise<string[]> {
    const left = [...readings];
    const stop = new AbortController();
    const events: string[] = [];
    let ms = 0;
    const clock: Clock = {
      now: () => new Date(ms),
      monotonicMs: () => ms,
      sleep: (duration) => Promise.resolve(void (ms += duration)),
    };
    await watchDisk(
      {
        measure: () => {
          const next = left.shift();
          if (left.length === 0) stop.abort();
          return Promise.resolve(reading(next ?? 0));
        },
        readFreeBytes: () => 1_000 * MB,
        limits,
        pause: () => events.push('pause'),
        resume: () => events.push('resume'),
        onReading: () => undefined,
        onBreach: (cause) => events.push(cause),
        clock,
      },
      stop.signal,
    );
    return events;
  }

  it('stops a build only when it is exceeded with everything standing still', async () => {
    expect(await watched([1, 200 * MB, 200 * MB, 1])).toEqual(['pause', 'limit-disk']);
    expect(await watched([1, 200 * MB, 50 * MB, 1, 1])).toEqual(['pause', 'resume']);
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

describe('the walk over changed files', () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'wip-walk-'))));
  afterEach(() => rmSync(root, { recursive: true }));
  type Marker = ReturnType<typeof placeMarker>;
  const walk = (marker: Marker, excluded: string[] = []): Promise<ChangedFiles> =>
    walkChangedFiles({ paths: [root], excluded: new Set(excluded), ...marker, monotonicMs: () => performance.now() });
  const write = (name: string, megabytes: number): void =>
    writeFileSync(join(root, name), Buffer.alloc(megabytes * 1024 * 1024, 1));

  /** ctime moves in ticks of some milliseconds: a marker in the tick of a file before it would count that one, too. */
  async function placeLaterMarker(name: string): Promise<Marker> {
    const { ctimeMs } = lstatSync(join(root, 'image'));
    return eventually('the next tick of the filesystem', () => {
      const marker = placeMarker(join(root, name));
      return marker.sinceMs > ctimeMs ? marker : undefined;
    });
  }

  it('counts what was written since the marker: old times, hard links, links and own files do not fool it', async () => {
    write('image', 3);
    const marker = await placeLaterMarker('own/marker');
    mkdirSync(join(root, 'deep'));
    write('deep/new', 2);
    utimesSync(join(root, 'deep/new'), new Date(0), new Date(0));
    linkSync(join(root, 'deep/new'), join(root, 'hard'));
    symlinkSync('/', join(root, 'everything'));
    write('own/spool', 5);
    const { bytes } = await walk(marker, [join(root, 'own')]);
    expect(bytes / 1024 / 1024).toBeGreaterThanOrEqual(2);
    expect(bytes / 1024 / 1024).toBeLessThan(2.2);
  });

  it('counts files below names that are no UTF-8, as a build in Latin-1 leaves them', async () => {
    write('image', 1);
    const marker = await placeLaterMarker('own/marker');
    const cafe = Buffer.concat([Buffer.from(join(root, 'caf')), Buffer.from([0xe9])]);
    mkdirSync(cafe);
    writeFileSync(Buffer.concat([cafe, Buffer.from('/new')]), Buffer.alloc(2 * 1024 * 1024, 1));
    mkdirSync(Buffer.concat([cafe, Buffer.from('/deep')]));
    writeFileSync(Buffer.concat([cafe, Buffer.from('/deep/newer')]), Buffer.alloc(1024 * 1024, 1));
    const { bytes } = await walk(marker, [join(root, 'own')]);
    expect(bytes / 1024 / 1024).toBeGreaterThanOrEqual(3);
    expect(bytes / 1024 / 1024).toBeLessThan(3.2);
  });

  it('shows a replaced file although the disk is as full as before', async () => {
    write('image', 3);
    const marker = await placeLaterMarker('marker');
    rmSync(join(root, 'image'));
    write('other', 3);
    expect((await walk(marker)).bytes).toBeGreaterThanOrEqual(3 * 1024 * 1024);
  });
});

describe('the cgroup', () => {
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
