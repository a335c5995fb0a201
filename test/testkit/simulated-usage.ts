import type { Usage } from '../../shared/protocol/signals.ts';

/** What of a simulated container's usage its script and its processes say; nothing else is measured. */
export interface SimulatedUsage {
  readonly wallSeconds: number;
  readonly cpuSeconds: number | null;
  readonly memoryPeakBytes: number | null;
  readonly diskBytes: number;
  readonly processes: number;
  readonly outputBytes: number;
}

export function simulatedUsage({ diskBytes, processes, outputBytes, ...rest }: SimulatedUsage): Usage {
  return {
    ...rest,
    oomKills: null,
    disk: {
      initialBytes: 0,
      workloadBytes: diskBytes,
      peakBytes: diskBytes,
      inodesPeak: null,
      method: null,
      confidence: 'unknown',
    },
    processes: { started: processes, peak: processes },
    output: { bytes: outputBytes, omitted: 0 },
  };
}
