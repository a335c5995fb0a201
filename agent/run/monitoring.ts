import type { StopCause } from '../../shared/model/stop-cause.ts';
import { BYTES_PER_GB } from '../../shared/model/units.ts';
import type { EnrolmentAnswer } from '../../shared/protocol/enrolment.ts';
import type { Usage } from '../../shared/protocol/signals.ts';
import type { Clock } from '../../shared/support/clock.ts';
import type { AgentConfig } from '../config/agent-config.ts';
import type { EndFigures } from '../lifecycle/stop-sentence.ts';
import { untilBeat } from '../monitor/full-second.ts';
import { NO_FIGURES, networkBytes, readCgroup, readTextFile, type CgroupFigures } from '../monitor/cgroup.ts';
import { placeMarker } from '../monitor/changed-files.ts';
import { createDiskMeter, type DiskMeter } from '../monitor/disk-meter.ts';
import { readDiskSpace, type DiskSpace } from '../monitor/disk-space.ts';
import { chooseDiskMethod, watchDisk, type DiskReading } from '../monitor/disk.ts';
import { isStalled, secondsToTimeLimit, watchTime } from '../monitor/limits.ts';
import { watchSpot } from '../monitor/spot-notice.ts';
import { watchShutdownFile } from '../monitor/shutdown-file.ts';
import type { Workload } from '../process/workload.ts';
import { NOTHING_SEEN, seeDisk, usageOf, type Seen } from './usage.ts';

/** One look at the process table: 2 ms with 150 processes, so a second costs 0.2 % of a core while something runs. */
const SAMPLE_MS = 1_000;
/** The start of a process ends it; a timer takes no more than 24 days. */
const UNTIL_STARTED_MS = 86_400_000;
/** A process that has just begun is looked at sooner, doubling from here on: most commands of a build end within a second. */
const FIRST_SAMPLE_MS = 50;

const DISK_CAUSES: ReadonlySet<StopCause> = new Set(['limit-disk', 'limit-inodes', 'host-disk-pressure']);
/** A last measurement that takes longer is not worth making the container wait for. */
const LAST_LOOK_MS = 1_000;

export interface MonitoringWorld {
  readonly config: AgentConfig;
  readonly isFargate: boolean;
  /** Of the machine's metadata service; null where there is none. */
  readonly metadataEndpoint: string | null;
  readonly startedMonotonicMs: number;
  readonly clock: Clock;
  readonly workload: Workload;
  readonly outputBytes: () => { bytes: number; omitted: number };
  readonly stop: (cause: StopCause) => void;
  /** A watch that broke is a failure of the agent: a container whose limits nobody watches must not go on. */
  readonly broke: (error: unknown) => void;
}

/** Everything that is measured, and what follows from it. */
export class Monitoring {
  readonly seen: Seen = { ...NOTHING_SEEN };
  maxTimeSeconds: number;
  maxDiskBytes: number;
  readonly #world: MonitoringWorld;
  readonly #meter: DiskMeter;
  /** Without a container of its own the cgroup is the machine's, and its figures are about others. */
  readonly #hasContainer: boolean;
  readonly #cgroupAtStart: CgroupFigures;

  constructor(world: MonitoringWorld) {
    this.#world = world;
    this.maxTimeSeconds = world.config.maxTimeSeconds;
    this.maxDiskBytes = world.config.disk.maxWorkloadBytes;
    this.#meter = createMeter(world);
    this.#hasContainer = world.config.root === null;
    this.#cgroupAtStart = this.#hasContainer ? readCgroup() : NO_FIGURES;
  }

  /**
   * Between enrolment and workload. The smaller limits hold: of config.ini with the environment, and of what the
   * control plane says.
   */
  begin({ maxTimeSeconds, maxDiskGb }: EnrolmentAnswer['limits']): void {
    this.maxTimeSeconds = Math.min(this.maxTimeSeconds, maxTimeSeconds ?? Infinity);
    this.maxDiskBytes = Math.min(this.maxDiskBytes, (maxDiskGb ?? Infinity) * BYTES_PER_GB);
    this.#meter.begin();
  }

  /** Time, shutdown file and Spot notices, from the first moment on. */
  watchEarly(signal: AbortSignal): void {
    const { config, clock, startedMonotonicMs, metadataEndpoint: endpoint, stop, broke } = this.#world;
    const limit = { startedMs: startedMonotonicMs, maxSeconds: () => this.maxTimeSeconds };
    watchTime(limit, () => stop('limit-time'), clock, signal).catch(broke);
    watchShutdownFile(config.shutdownFile, () => stop('shutdown-file'), clock, signal).catch(broke);
    if (endpoint === null) return;
    const { stopBudgetSeconds } = config;
    watchSpot({ endpoint, stopBudgetSeconds, onTakenBack: () => stop('spot'), clock }, signal).catch(broke);
  }

  /** Disk and progress, once a workload can be there. */
  watchWorkload(signal: AbortSignal): void {
    const { config, clock, workload, stop, broke } = this.#world;
    const { maxInodes, reserveBytes } = config.disk;
    const watch = {
      measure: () => this.#meter.measure(),
      readFreeBytes: () => this.#meter.readFreeBytes(),
      limits: { maxBytes: this.maxDiskBytes, maxInodes, reserveBytes },
      pause: () => workload.signalAll('SIGSTOP'),
      resume: () => workload.signalAll('SIGCONT'),
      onReading: (reading: DiskReading, secondsLeft: number | null) => seeDisk(this.seen, reading, secondsLeft),
      onBreach: stop,
      isIdle: () => workload.idleness.isIdle,
      clock,
    };
    watchDisk(watch, signal).catch(broke);
    this.#watchProgress(signal).catch(broke);
  }

  uptimeSeconds(): number {
    return (this.#world.clock.monotonicMs() - this.#world.startedMonotonicMs) / 1_000;
  }

  secondsToTimeLimit(): number {
    const { startedMonotonicMs, clock } = this.#world;
    return secondsToTimeLimit(startedMonotonicMs, clock.monotonicMs(), this.maxTimeSeconds);
  }

  readSpace(): DiskSpace {
    return readDiskSpace(this.#world.config.disk.paths[0] ?? '/');
  }

  /** What a sentence about the end may quote, as it stands now. */
  figures(): Omit<EndFigures, 'detail'> {
    const { config } = this.#world;
    const { disk } = this.seen;
    return {
      ranSeconds: this.uptimeSeconds(),
      maxTimeSeconds: this.maxTimeSeconds,
      workloadBytes: disk?.workloadBytes ?? null,
      maxWorkloadBytes: this.maxDiskBytes,
      initialBytes: config.disk.initialBytes,
      inodes: disk?.inodes ?? null,
      maxInodes: config.disk.maxInodes,
      freeBytes: disk?.freeBytes ?? null,
      noProgressSeconds: config.noProgressSeconds,
    };
  }

  usage(): Usage {
    const { config, workload, outputBytes } = this.#world;
    const container = this.#hasContainer
      ? { now: readCgroup(), atStart: this.#cgroupAtStart, network: networkBytes(readTextFile('/proc/net/dev')) }
      : null;
    return usageOf({
      wallSeconds: this.uptimeSeconds(),
      seen: this.seen,
      initialBytes: config.disk.initialBytes,
      method: this.#meter.method,
      workload: workload.figures(),
      output: outputBytes(),
      container,
    });
  }

  /** The figures of the last reading may be a second old, or a minute: a build of a moment would have used nothing. */
  async measureOnceMore(cause: StopCause): Promise<void> {
    const { disk, secondsToDiskLimit } = this.seen;
    // For a cause of the disk the figures that decided it stand: what the killed had open is gone by now.
    if (!disk || disk.tookMs > LAST_LOOK_MS || DISK_CAUSES.has(cause)) return;
    try {
      seeDisk(this.seen, await this.#meter.measure(), secondsToDiskLimit);
    } catch {
      // The exit signal matters more than that its figures are fresh.
    }
  }

  async #watchProgress(signal: AbortSignal): Promise<void> {
    const { clock, workload } = this.#world;
    let sampleMs = SAMPLE_MS;
    let nap = new AbortController();
    signal.addEventListener('abort', () => nap.abort(), { once: true });
    workload.onStarted = () => {
      sampleMs = FIRST_SAMPLE_MS;
      nap.abort();
    };
    while (!signal.aborted) {
      if (workload.isActive) this.#sample();
      nap = new AbortController();
      await clock.sleep(workload.isActive ? untilBeat(clock, sampleMs) : UNTIL_STARTED_MS, nap.signal);
      sampleMs = Math.min(SAMPLE_MS, sampleMs * 2);
    }
  }

  #sample(): void {
    const { workload, config, stop } = this.#world;
    workload.sample();
    const memoryBytes = this.#hasContainer ? readCgroup().memoryBytes : null;
    if (memoryBytes !== null) this.seen.memoryPeakBytes = Math.max(this.seen.memoryPeakBytes ?? 0, memoryBytes);
    const waits = workload.running().map((process) => process.secondsSinceProgress());
    if (isStalled(waits, config.noProgressSeconds)) stop('no-progress');
  }
}

function createMeter({ config, isFargate, clock, workload }: MonitoringWorld): DiskMeter {
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
      ...placeMarker(`${stateDirectory}/started`),
      monotonicMs: () => clock.monotonicMs(),
    },
    ownBytes: () => workload.outputBytesOnDisk(),
    findDeleted: () => workload.deletedFiles(),
  });
}
