import {
  PAGE_BYTES,
  readEntry,
  readProcTable,
  TICKS_PER_SECOND,
  type ProcEntry,
} from '../../../shared/system/proc-table.ts';
import type { ManagedProcess } from '../managed-process.ts';
import type { Reaper } from './reaper.ts';
import { createEffort } from './trees.ts';
import type { WorkloadTrees } from './workload-trees.ts';

/** Key of the samples of trees without a process of their own. No process has an empty key. */
const OTHERS = '';

/** Figures of the build's processes, from samples of the process table. */
export class WorkloadSamples {
  readonly #trees: WorkloadTrees;
  readonly #cpuTime: CpuTime;
  readonly #othersEffort = createEffort();
  #living = 0;
  #memoryPeakBytes = 0;
  #processesPeak = 0;

  constructor(trees: WorkloadTrees, reaper: Reaper | undefined) {
    this.#trees = trees;
    this.#cpuTime = createCpuTime(reaper);
  }

  /** Number of processes that lived at the last sample, and of sessions that have started since. */
  get living(): number {
    return this.#living;
  }

  get memoryPeakBytes(): number {
    return this.#memoryPeakBytes;
  }

  get processesPeak(): number {
    return this.#processesPeak;
  }

  /** Counts a session as living until the next sample. */
  sessionStarted(): void {
    this.#living += 1;
  }

  /** Reads the process table once for all trees. */
  take(processes: readonly ManagedProcess[]): void {
    const table = readProcTable();
    this.#trees.adopt(table);
    const members: ProcEntry[] = [];
    for (const process of processes) {
      const figures = process.sample(table);
      this.#cpuTime.sampled(process.key, figures);
      members.push(...figures.members);
    }
    const others = this.#trees.updateOthers(table);
    this.#cpuTime.sampled(OTHERS, this.#othersEffort.sample(others, 0));
    members.push(...others);
    const pages = members.reduce((sum, member) => sum + member.residentPages, 0);
    this.#living = members.filter(({ isZombie }) => !isZombie).length;
    this.#memoryPeakBytes = Math.max(this.#memoryPeakBytes, pages * PAGE_BYTES);
    this.#processesPeak = Math.max(this.#processesPeak, members.length);
  }

  cpuSeconds(running: readonly ManagedProcess[]): number {
    return this.#cpuTime.seconds(running.map(({ key }) => key));
  }
}

/** The processor time of all that was ever started. */
interface CpuTime {
  /**
   * Records a sample of a process's tree: the ticks of its living members, and the highest number of members so far.
   */
  sampled(key: string, ticks: { readonly livingTicks: number; readonly cpuTicks: number }): void;
  /** Since the last sample, where a reaper is known. */
  seconds(running: readonly string[]): number;
}

/**
 * A process that ends leaves its time with its parent, to the last tick: with the agent, or with the reaper that adopted it.
 * Where no reaper is known, orphans leave theirs with somebody else, and were only seen in samples.
 */
function createCpuTime(reaper: Reaper | undefined): CpuTime {
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
