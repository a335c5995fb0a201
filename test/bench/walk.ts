import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMarker, walkChangedFiles, type WalkOptions } from '../../agent/monitor/changed-files.ts';
import { watchDisk, type DiskReading } from '../../agent/monitor/disk.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { judgeFigure, judgeTimes, type Duration, type Measurement } from './measure.ts';

const FILES = 200_000;
const FILES_PER_DIRECTORY = 100;
const WALKS = 5;
const MAX_WALK_MS = 1_500;
/** Long enough for three walks of a second, each a twentieth of its time. */
const WATCH_MS = 70_000;
const MAX_SHARE_PERCENT = 5;

/** Makes a tree like those of builds: small files, a hundred to a directory, three levels deep. */
function makeTree(root: string): void {
  for (let made = 0; made < FILES; made += FILES_PER_DIRECTORY) {
    const number = made / FILES_PER_DIRECTORY;
    const directory = join(root, `package${number % 40}`, `module${Math.floor(number / 40)}`, 'source');
    mkdirSync(directory, { recursive: true });
    for (let file = 0; file < FILES_PER_DIRECTORY; file += 1) writeFileSync(join(directory, `file${file}.ts`), 'x');
  }
}

async function timeWalk(walk: WalkOptions): Promise<Duration & { readonly files: number }> {
  const startedMs = performance.now();
  const startedUsage = process.threadCpuUsage();
  const { files } = await walkChangedFiles(walk);
  const { user, system } = process.threadCpuUsage(startedUsage);
  return { wallMs: performance.now() - startedMs, processorMs: (user + system) / 1_000, files };
}

/**
 * Runs the watch like the agent does. Returns the share of processor time in the elapsed time, both from the
 * beginning of the first walk to that of the last, so that each walk counts with the pause that pays for it.
 */
async function watchFor(walk: WalkOptions): Promise<{ sharePercent: number; walks: number }> {
  const stop = new AbortController();
  const begun: { readonly atMs: number; readonly usedMicroseconds: number }[] = [];
  const measureOnce = async (): Promise<DiskReading> => {
    const startedMs = performance.now();
    const { user, system } = process.threadCpuUsage();
    begun.push({ atMs: startedMs, usedMicroseconds: user + system });
    const { bytes, files } = await walkChangedFiles(walk);
    const tookMs = performance.now() - startedMs;
    const fullest = { freeAtStartBytes: 1e12, workloadBytes: bytes, outputBytes: 0 };
    return {
      workloadBytes: bytes,
      inodes: files,
      freeBytes: 1e12,
      fullest,
      inodesLeft: null,
      tookMs,
      confidence: 'estimated',
    };
  };
  const watching = watchDisk(
    {
      measure: measureOnce,
      readFree: () => ({ bytes: 1e12, inodes: 1e9 }),
      limits: { maxBytes: 1e12, maxInodes: 0, reserveBytes: 0, isOwnDisk: false },
      pause: () => undefined,
      resume: () => undefined,
      onReading: () => undefined,
      onBreach: (cause) => {
        throw new Error(`a breach of ${cause} without one`);
      },
      isIdle: () => false,
      clock: systemClock,
    },
    stop.signal,
  );
  await systemClock.sleep(WATCH_MS);
  stop.abort();
  await watching;
  const [first, last] = [begun[0], begun.at(-1)];
  if (!first || !last || first === last) throw new Error(`${begun.length} walks are too few to measure`);
  const usedMs = (last.usedMicroseconds - first.usedMicroseconds) / 1_000;
  return { sharePercent: (100 * usedMs) / (last.atMs - first.atMs), walks: begun.length - 1 };
}

/**
 * Measures the cost of a search for changed files in a tree of 200,000, and how much of a core the watch takes for
 * it.
 */
export async function benchWalk(): Promise<readonly Measurement[]> {
  const place = mkdtempSync(join(tmpdir(), 'wip-bench-'));
  try {
    const marker = createMarker(join(place, 'started'));
    const tree = join(place, 'tree');
    makeTree(tree);
    const walk = { paths: [tree], excluded: new Set<string>(), ...marker, monotonicMs: () => performance.now() };
    const times = [];
    for (let count = 0; count < WALKS; count += 1) times.push(await timeWalk(walk));
    const { sharePercent, walks } = await watchFor(walk);
    return [
      judgeTimes(`one walk of ${FILES.toLocaleString('en')} changed files`, times, MAX_WALK_MS),
      judgeFigure({
        what: 'files and directories found',
        value: times[0]?.files ?? 0,
        unit: '',
        beside: '',
        atLeast: FILES,
      }),
      judgeFigure({
        what: `processor time of the watch over ${WATCH_MS / 1_000} s`,
        value: sharePercent,
        unit: '% of a core',
        beside: `; ${walks} walks`,
        atMost: MAX_SHARE_PERCENT,
      }),
    ];
  } finally {
    rmSync(place, { recursive: true });
  }
}
