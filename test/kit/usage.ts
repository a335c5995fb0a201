import type { Usage } from '../../shared/protocol/signals.ts';

/** Returns the figures of a container that has done no work yet, with the test's changes. */
export function newUsage(changes: Partial<Usage> = {}): Usage {
  const disk = { initialBytes: null, workloadBytes: null, peakBytes: null, inodesPeak: null, method: null };
  return {
    wallSeconds: 0,
    cpuSeconds: null,
    memoryPeakBytes: null,
    oomKills: null,
    disk: { ...disk, confidence: 'unknown' },
    processes: { started: 0, peak: 0 },
    output: { bytes: 0, omitted: 0 },
    ...changes,
  };
}
