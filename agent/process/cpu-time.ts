import { readEntry, TICKS_PER_SECOND } from './proc-table.ts';

/** The processor time of all that was ever started. */
export interface CpuTime {
  /** What the tree of a process had used at a look. */
  sampled(key: string, ticks: number): void;
  seconds(running: readonly string[]): number;
}

/**
 * What has ended has left its time with the agent, its parent, to the last tick; orphans have not, and were only seen
 * in samples.
 */
export function createCpuTime(): CpuTime {
  const samples = new Map<string, number>();
  const waitedBefore = waitedTicks();
  return {
    sampled: (key, ticks) => void samples.set(key, ticks),
    seconds(running) {
      const inSamples = [...samples.values()].reduce((sum, ticks) => sum + ticks, 0);
      const ofRunning = running.reduce((sum, key) => sum + (samples.get(key) ?? 0), 0);
      return Math.max(inSamples, waitedTicks() - waitedBefore + ofRunning) / TICKS_PER_SECOND;
    },
  };
}

/** Of the agent's children, as far as they have ended. */
function waitedTicks(): number {
  return readEntry(process.pid)?.waitedTicks ?? 0;
}
