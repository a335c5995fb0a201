import type { ProcessStatus } from '../../shared/protocol/agent-api.ts';
import type { Usage } from '../../shared/protocol/signals.ts';
import type { CgroupFigures } from '../monitor/cgroup.ts';
import type { DiskMethod, DiskReading } from '../monitor/disk.ts';
import type { WorkloadFigures } from '../process/workload.ts';

/** Figures that the monitors have observed so far; monitoring.ts keeps them up to date. */
export interface ObservedFigures {
  disk: DiskReading | null;
  diskPeakBytes: number | null;
  inodesPeak: number | null;
  secondsToDiskLimit: number | null;
  memoryPeakBytes: number | null;
}

export const NOTHING_OBSERVED: ObservedFigures = {
  disk: null,
  diskPeakBytes: null,
  inodesPeak: null,
  secondsToDiskLimit: null,
  memoryPeakBytes: null,
};

export function recordDiskReading(observed: ObservedFigures, reading: DiskReading, secondsLeft: number | null): void {
  observed.disk = reading;
  observed.diskPeakBytes = Math.max(observed.diskPeakBytes ?? 0, reading.workloadBytes);
  observed.inodesPeak = Math.max(observed.inodesPeak ?? 0, reading.inodes);
  observed.secondsToDiskLimit = secondsLeft;
}

export interface UsageInput {
  readonly wallSeconds: number;
  readonly observed: ObservedFigures;
  readonly initialBytes: number;
  readonly method: DiskMethod | null;
  readonly workload: WorkloadFigures;
  readonly output: { readonly bytes: number; readonly omitted: number };
  /** Figures of the container's own cgroup; null when the agent shares the machine's cgroup with others. */
  readonly container: {
    readonly now: CgroupFigures;
    readonly atStart: CgroupFigures;
    readonly network: { rx: number; tx: number } | null;
  } | null;
}

/** Makes the usage object of signals and heartbeats. Unknown is null, never 0. */
export function usageOf(input: UsageInput): Usage {
  const { observed, workload, container } = input;
  const hasRun = workload.processesStarted > 0;
  return {
    wallSeconds: round(input.wallSeconds),
    cpuSeconds: container?.now.cpuSeconds ?? (hasRun ? round(workload.cpuSeconds) : null),
    memoryPeakBytes:
      (container ? observed.memoryPeakBytes : null) ?? (workload.memoryPeakBytes > 0 ? workload.memoryPeakBytes : null),
    oomKills: growth(container?.atStart.oomKills, container?.now.oomKills),
    disk: {
      initialBytes: input.initialBytes,
      workloadBytes: observed.disk?.workloadBytes ?? null,
      peakBytes: observed.diskPeakBytes,
      inodesPeak: observed.inodesPeak,
      method: observed.disk ? input.method : null,
      confidence: observed.disk?.confidence ?? 'unknown',
    },
    processes: { started: workload.processesStarted, peak: workload.processesPeak },
    output: input.output,
    network: container?.network ?? null,
  };
}

/** Bytes of output of all processes together. */
export function outputTotals(statuses: readonly ProcessStatus[]): Usage['output'] {
  const streams = statuses.flatMap(({ streams: { stdout, stderr } }) => [stdout, stderr]);
  return {
    bytes: streams.reduce((total, stream) => total + stream.bytes, 0),
    omitted: streams.reduce((total, stream) => total + stream.omitted, 0),
  };
}

function growth(before: number | null | undefined, now: number | null | undefined): number | null {
  return typeof before === 'number' && typeof now === 'number' ? Math.max(0, now - before) : null;
}

/** Rounds to milliseconds, the precision of the clock. */
function round(seconds: number): number {
  return Math.round(seconds * 1_000) / 1_000;
}
