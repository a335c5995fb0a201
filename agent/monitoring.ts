import type { StopCause } from '../shared/model/stop-cause.ts';
import type { Usage } from '../shared/protocol/signals.ts';
import type { Clock } from '../shared/support/clock.ts';
import type { AgentConfig } from './config.ts';
import type { EndFigures } from './lifecycle/end-sentence.ts';
import { NO_FIGURES, networkBytes, readCgroup, readTextFile } from './monitor/cgroup.ts';
import { placeMarker } from './monitor/changed-files.ts';
import { createDiskMeter, type DiskMeter } from './monitor/disk-meter.ts';
import { readDiskSpace, type DiskSpace } from './monitor/disk-space.ts';
import { chooseDiskMethod, watchDisk } from './monitor/disk.ts';
import { isStalled, secondsToTimeLimit, watchTime } from './monitor/limits.ts';
import { watchShutdownFile } from './monitor/shutdown-file.ts';
import type { Workload } from './process/workload.ts';
import { NOTHING_SEEN, seeDisk, usageOf, type Seen } from './usage.ts';

/** One look at the process table: 2 ms with 150 processes, so a second costs 0.2 % of a core while something runs. */
const SAMPLE_MS = 1_000;

export interface MonitoringWorld {
  readonly config: AgentConfig;
  readonly isFargate: boolean;
  readonly startedMonotonicMs: number;
  readonly clock: Clock;
  readonly workload: Workload;
  readonly outputBytes: () => { bytes: number; omitted: number };
  readonly stop: (cause: StopCause) => void;
  /** A watch that broke is a failure of the agent: a container whose limits nobody watches must not go on. */
  readonly broke: (error: unknown) => void;
}

/** Everything that is measured, and what follows from it. */
export interface Monitoring {
  readonly meter: DiskMeter;
  readonly seen: Seen;
  /** Time and shutdown file, from the first moment on. */
  watchEarly(signal: AbortSignal): void;
  /** Disk and progress, once a workload can be there. */
  watchWorkload(maxDiskBytes: number, signal: AbortSignal): void;
  setMaxTimeSeconds(seconds: number): void;
  maxTimeSeconds(): number;
  uptimeSeconds(): number;
  secondsToTimeLimit(): number;
  readSpace(): DiskSpace;
  usage(): Usage;
  /** What a sentence about the end may quote, as it stands now. */
  figures(maxDiskBytes: number): Omit<EndFigures, 'detail'>;
}

export function createMonitoring(world: MonitoringWorld): Monitoring {
  const { config, clock, workload } = world;
  const seen: Seen = { ...NOTHING_SEEN };
  const meter = createMeter(world);
  // Without a container of its own the cgroup is the machine's, and its figures are about others.
  const hasContainer = config.root === null;
  const cgroupAtStart = hasContainer ? readCgroup() : NO_FIGURES;
  let maxTimeSeconds = config.maxTimeSeconds;
  const uptimeSeconds = (): number => (clock.monotonicMs() - world.startedMonotonicMs) / 1_000;

  const sample = (): void => {
    workload.sample();
    const memoryBytes = hasContainer ? readCgroup().memoryBytes : null;
    if (memoryBytes !== null) seen.memoryPeakBytes = Math.max(seen.memoryPeakBytes ?? 0, memoryBytes);
    const waits = workload.running().map((process) => process.secondsSinceProgress());
    if (isStalled(waits, config.noProgressSeconds)) world.stop('no-progress');
  };
  const watchProgress = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      if (workload.running().length > 0) sample();
      await clock.sleep(SAMPLE_MS, signal);
    }
  };
  return {
    meter,
    seen,
    watchEarly(signal) {
      const limit = { startedMs: world.startedMonotonicMs, maxSeconds: () => maxTimeSeconds };
      watchTime(limit, () => world.stop('limit-time'), clock, signal).catch(world.broke);
      watchShutdownFile(config.shutdownFile, () => world.stop('shutdown-file'), clock, signal).catch(world.broke);
    },
    watchWorkload(maxDiskBytes, signal) {
      const { maxInodes, reserveBytes } = config.disk;
      watchDisk(
        {
          measure: () => meter.measure(),
          readFreeBytes: () => meter.readFreeBytes(),
          limits: { maxBytes: maxDiskBytes, maxInodes, reserveBytes },
          pause: () => workload.signalAll('SIGSTOP'),
          resume: () => workload.signalAll('SIGCONT'),
          onReading: (reading, secondsLeft) => seeDisk(seen, reading, secondsLeft),
          onBreach: world.stop,
          clock,
        },
        signal,
      ).catch(world.broke);
      watchProgress(signal).catch(world.broke);
    },
    setMaxTimeSeconds: (seconds) => void (maxTimeSeconds = seconds),
    maxTimeSeconds: () => maxTimeSeconds,
    uptimeSeconds,
    secondsToTimeLimit: () => secondsToTimeLimit(world.startedMonotonicMs, clock.monotonicMs(), maxTimeSeconds),
    figures: (maxDiskBytes) => ({
      ranSeconds: uptimeSeconds(),
      maxTimeSeconds,
      workloadBytes: seen.disk?.workloadBytes ?? null,
      maxWorkloadBytes: maxDiskBytes,
      initialBytes: config.disk.initialBytes,
      inodes: seen.disk?.inodes ?? null,
      maxInodes: config.disk.maxInodes,
      freeBytes: seen.disk?.freeBytes ?? null,
      noProgressSeconds: config.noProgressSeconds,
    }),
    readSpace: () => readDiskSpace(config.disk.paths[0] ?? '/'),
    usage: () =>
      usageOf({
        wallSeconds: uptimeSeconds(),
        seen,
        initialBytes: config.disk.initialBytes,
        method: meter.method,
        workload: workload.figures(),
        output: world.outputBytes(),
        container: hasContainer
          ? { now: readCgroup(), atStart: cgroupAtStart, network: networkBytes(readTextFile('/proc/net/dev')) }
          : null,
      }),
  };
}

function createMeter({ config, isFargate, clock, outputBytes }: MonitoringWorld): DiskMeter {
  const { disk, root, stateDirectory } = config;
  const [firstPath = '/'] = disk.paths;
  const method = chooseDiskMethod({
    method: disk.method,
    sharesMachine: root !== null,
    isFargate,
    totalBytes: readDiskSpace(firstPath).totalBytes,
    initialBytes: disk.initialBytes,
    maxBytes: disk.maxWorkloadBytes,
  });
  return createDiskMeter({
    method,
    walk: {
      paths: disk.paths,
      excluded: new Set([stateDirectory]),
      sinceMs: placeMarker(`${stateDirectory}/started`),
      monotonicMs: () => clock.monotonicMs(),
    },
    ownBytes: () => outputBytes().bytes,
  });
}
