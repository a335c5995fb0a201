import { WakeableTimer } from '../../shared/time/wakeable-timer.ts';
import type { StopCause } from '../../shared/model/stop-cause.ts';
import { BYTES_PER_GB } from '../../shared/model/units.ts';
import type { EnrolmentAnswer } from '../../shared/protocol/enrolment.ts';
import type { Usage } from '../../shared/protocol/signals.ts';
import { messageOf } from '../../shared/model/error.ts';
import type { StopFigures } from '../lifecycle/stop-sentence.ts';
import { msToFullSecond } from '../monitor/full-second.ts';
import { NO_FIGURES, networkBytes, readCgroup, readTextFile, type CgroupFigures } from '../monitor/cgroup.ts';
import type { DiskMeter } from '../monitor/disk-meter.ts';
import { readDiskSpace, type DiskSpace } from '../monitor/disk-space.ts';
import {
  diskBreach,
  isDiskCause,
  isNearlyFull,
  isOutOfInodes,
  isOwnDisk,
  watchDisk,
  type DiskCause,
  type DiskLimits,
  type DiskReading,
} from '../monitor/disk.ts';
import { isStalled, secondsToTimeLimit, watchTime } from '../monitor/limits.ts';
import { watchSpot } from '../monitor/spot-notice.ts';
import { watchShutdownFile } from '../monitor/shutdown-file.ts';
import type { AgentEvents } from './agent-events.ts';
import { createMeter, filesystemFacts, type MeterDeps } from './create-meter.ts';
import { NOTHING_OBSERVED, recordDiskReading, usageOf, type ObservedFigures } from './usage.ts';

/**
 * Interval of samples of the process table. A sample takes 2 ms with 150 processes: 0.2 % of a core while something
 * runs.
 */
const SAMPLE_MS = 1_000;
/** Pause while no process runs. The start of a process ends it. A timer takes no more than 24 days. */
const UNTIL_STARTED_MS = 86_400_000;
/**
 * First interval after the start of a process; it doubles up to SAMPLE_MS. Most commands of a build end within a
 * second.
 */
const FIRST_SAMPLE_MS = 50;

/** The container does not wait for a last measurement that takes longer. */
const MAX_LAST_MEASUREMENT_MS = 1_000;

export interface MonitoringDeps extends MeterDeps {
  /** Address of the machine's metadata service; null where there is none. */
  readonly metadataEndpoint: string | null;
  readonly startedMonotonicMs: number;
  readonly outputBytes: () => { bytes: number; omitted: number };
  readonly events: AgentEvents;
}

/** Measures the container, and requests its end when a limit is exceeded. */
export class Monitoring {
  readonly observed: ObservedFigures = { ...NOTHING_OBSERVED };
  maxTimeSeconds: number;
  maxDiskBytes: number;
  readonly #deps: MonitoringDeps;
  readonly #meter: DiskMeter;
  /** Without a container of its own the cgroup is the machine's, and its figures are about others. */
  readonly #hasContainer: boolean;
  readonly #cgroupAtStart: CgroupFigures;

  constructor(deps: MonitoringDeps) {
    this.#deps = deps;
    this.maxTimeSeconds = deps.config.maxTimeSeconds;
    this.maxDiskBytes = deps.config.disk.maxWorkloadBytes;
    this.#meter = createMeter(deps);
    this.#hasContainer = deps.config.root === null;
    this.#cgroupAtStart = this.#hasContainer ? readCgroup() : NO_FIGURES;
  }

  /**
   * Called between enrolment and workload. The smaller limits hold: those of config.ini with the environment, or those
   * of the control plane.
   */
  begin({ maxTimeSeconds, maxDiskGb }: EnrolmentAnswer['limits']): void {
    this.maxTimeSeconds = Math.min(this.maxTimeSeconds, maxTimeSeconds ?? Infinity);
    this.maxDiskBytes = Math.min(this.maxDiskBytes, (maxDiskGb ?? Infinity) * BYTES_PER_GB);
    this.#meter.begin();
  }

  /** Watches time, shutdown file and Spot notices, from the first moment on. */
  watchEarly(abort: AbortSignal): void {
    const { config, clock, startedMonotonicMs, metadataEndpoint: endpoint } = this.#deps;
    const limit = { startedMs: startedMonotonicMs, maxSeconds: () => this.maxTimeSeconds };
    this.#supervise(watchTime(limit, () => this.#stop('limit-time'), clock, abort));
    this.#supervise(watchShutdownFile(config.shutdownFile, () => this.#stop('shutdown-file'), clock, abort));
    if (endpoint === null) return;
    const { stopBudgetSeconds } = config;
    this.#supervise(watchSpot({ endpoint, stopBudgetSeconds, onTakenBack: () => this.#stop('spot'), clock }, abort));
  }

  /** Watches disk and progress, once a workload can be there. */
  watchWorkload(abort: AbortSignal): void {
    const { clock, workload } = this.#deps;
    const watch = {
      measure: () => this.#meter.measure(),
      readFree: () => this.#meter.readFree(),
      limits: this.#diskLimits(),
      pause: () => workload.signalAll('SIGSTOP'),
      resume: () => workload.signalAll('SIGCONT'),
      onReading: (reading: DiskReading, secondsLeft: number | null) =>
        recordDiskReading(this.observed, reading, secondsLeft),
      onBreach: (cause: StopCause) => this.#stop(cause),
      isIdle: () => workload.idleness.isIdle,
      clock,
    };
    this.#supervise(watchDisk(watch, abort));
    this.#supervise(this.#watchProgress(abort));
  }

  uptimeSeconds(): number {
    return (this.#deps.clock.monotonicMs() - this.#deps.startedMonotonicMs) / 1_000;
  }

  secondsToTimeLimit(): number {
    const { startedMonotonicMs, clock } = this.#deps;
    return secondsToTimeLimit(startedMonotonicMs, clock.monotonicMs(), this.maxTimeSeconds);
  }

  readSpace(): DiskSpace {
    return readDiskSpace(this.#deps.config.disk.paths[0] ?? '/');
  }

  /** Returns the present figures for the sentence about the end. */
  figures(): Omit<StopFigures, 'running' | 'detail'> {
    const { config } = this.#deps;
    const { disk } = this.observed;
    return {
      ranSeconds: this.uptimeSeconds(),
      maxTimeSeconds: this.maxTimeSeconds,
      workloadBytes: disk?.workloadBytes ?? null,
      maxWorkloadBytes: this.maxDiskBytes,
      initialBytes: config.disk.initialBytes,
      inodes: disk?.inodes ?? null,
      maxInodes: config.disk.maxInodes,
      freeBytes: disk?.freeBytes ?? null,
      fullest: disk?.fullest ?? null,
      lackingInodes: disk && isOutOfInodes(disk.inodesLeft) ? disk.inodesLeft : null,
      noProgressSeconds: config.noProgressSeconds,
    };
  }

  usage(): Usage {
    const { config, workload, outputBytes } = this.#deps;
    const container = this.#hasContainer
      ? { now: readCgroup(), atStart: this.#cgroupAtStart, network: networkBytes(readTextFile('/proc/net/dev')) }
      : null;
    return usageOf({
      wallSeconds: this.uptimeSeconds(),
      observed: this.observed,
      initialBytes: config.disk.initialBytes,
      method: this.#meter.method,
      workload: workload.figures(),
      output: outputBytes(),
      container,
    });
  }

  /**
   * Measures the disk a last time: a reading may be a minute old, and a short build would seem to have used nothing.
   */
  async measureOnceMore(cause: StopCause): Promise<void> {
    const { disk, secondsToDiskLimit } = this.observed;
    // A disk cause keeps the figures that decided it: files that the killed processes held open are gone by now.
    if (!disk || disk.tookMs > MAX_LAST_MEASUREMENT_MS || isDiskCause(cause)) return;
    try {
      recordDiskReading(this.observed, await this.#meter.measure(), secondsToDiskLimit);
    } catch {
      // The exit signal matters more than that its figures are fresh.
    }
  }

  /** A glance at the disk costs some microseconds. */
  isDiskNearlyFull(): boolean {
    return isNearlyFull(this.#meter.readFree(), this.#deps.config.disk.reserveBytes);
  }

  /** Measures out of turn. What cannot be measured is left to the watch. */
  async findDiskBreach(): Promise<DiskCause | undefined> {
    try {
      const reading = await this.#meter.measure();
      recordDiskReading(this.observed, reading, this.observed.secondsToDiskLimit);
      return diskBreach(reading, this.#diskLimits());
    } catch {
      return undefined;
    }
  }

  #diskLimits(): DiskLimits {
    const { maxInodes, reserveBytes } = this.#deps.config.disk;
    const isOwn = isOwnDisk(filesystemFacts(this.#deps));
    return { maxBytes: this.maxDiskBytes, maxInodes, reserveBytes, isOwnDisk: isOwn };
  }

  #stop(cause: StopCause): void {
    this.#deps.events.emit('stopRequested', cause);
  }

  /** A watch that breaks is a failure of the agent: a container whose limits nobody watches must not go on. */
  #supervise(watch: Promise<void>): void {
    watch.catch((error: unknown) => this.#deps.events.emit('stopRequested', 'internal', messageOf(error)));
  }

  async #watchProgress(abort: AbortSignal): Promise<void> {
    const { clock, workload, events } = this.#deps;
    let sampleMs = SAMPLE_MS;
    const timer = new WakeableTimer(clock);
    events.on('workloadStarted', () => {
      sampleMs = FIRST_SAMPLE_MS;
      timer.wake();
    });
    while (!abort.aborted) {
      if (workload.isActive) this.#sample();
      timer.reset();
      await timer.sleep(workload.isActive ? msToFullSecond(clock, sampleMs) : UNTIL_STARTED_MS, abort);
      sampleMs = Math.min(SAMPLE_MS, sampleMs * 2);
    }
  }

  #sample(): void {
    const { workload, config } = this.#deps;
    workload.sample();
    const memoryBytes = this.#hasContainer ? readCgroup().memoryBytes : null;
    if (memoryBytes !== null) this.observed.memoryPeakBytes = Math.max(this.observed.memoryPeakBytes ?? 0, memoryBytes);
    const waits = workload.running().map((process) => process.secondsSinceProgress());
    if (isStalled(waits, config.noProgressSeconds)) this.#stop('no-progress');
  }
}
