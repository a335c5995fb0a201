import { readEntry, TICKS_PER_SECOND } from '../../shared/support/proc-table.ts';
import type { Reaper } from './reaper.ts';

/** The processor time of all that was ever started. */
export interface CpuTime {
  /** Records a sample of a process's tree: the ticks of its living members, and the most at any sample so far. */
  sampled(key: string, ticks: { readonly livingTicks: number; readonly cpuTicks: number }): void;
  /** Since the last sample, where a reaper is known. */
  seconds(running: readonly string[]): number;
}

/**
 * A process that ends leaves its time with its parent, to the last tick: with the agent, or with the reaper that adopted it.
 * Where no reaper is known, orphans leave theirs with somebody else, and were only seen in samples.
 */
export function createCpuTime(reaper: Reaper | undefined): CpuTime {
  const living = new Map<string, number>();
  const most = new Map<string, number>();
  const waiting = [process.pid, ...(reaper?.ancestors ?? [])];
  const waitedTicks = (): number => waiting.reduce((sum, pid) => sum + (readEntry(pid)?.waitedTicks ?? 0), 0);
  const waitedBefore = waitedTicks();
  const total = (ticks: Iterable<number>): number => [...ticks].reduce((sum, one) => sum + one, 0);
  return {
    sampled(key, { livingTicks, cpuTicks }) {
      living.set(key, livingTicks);
      most.set(key, cpuTicks);
    },
    seconds(running) {
      const waited = waitedTicks() - waitedBefore;
      if (reaper) return (waited + total(living.values())) / TICKS_PER_SECOND;
      const ofRunning = total(running.map((key) => most.get(key) ?? 0));
      return Math.max(total(most.values()), waited + ofRunning) / TICKS_PER_SECOND;
    },
  };
}
