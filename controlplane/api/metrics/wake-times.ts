import type { WakesView } from '../state/state-views.ts';

/** How long woken tasks have waited for their claim by this node. */
export interface WakeTimes {
  readonly note: (seconds: number) => void;
  /** Returns null before the first. */
  readonly read: () => WakesView | null;
}

// Enough for ten samples above the p99. A busy node replaces all samples within seconds, so the figures are current.
const KEPT = 1_000;

/**
 * Keeps the last samples themselves. The histogram `wip_wake_latency_seconds` counts since the node's start: an hour of
 * trouble would not be seen in it after a week.
 */
export function createWakeTimes(): WakeTimes {
  const kept: number[] = [];
  let next = 0;
  return {
    note(seconds) {
      kept[next] = seconds;
      next = (next + 1) % KEPT;
    },
    read() {
      const sorted = kept.toSorted((a, b) => a - b);
      const medianSeconds = quantile(sorted, 0.5);
      const p99Seconds = quantile(sorted, 0.99);
      if (medianSeconds === undefined || p99Seconds === undefined) return null;
      return { count: sorted.length, medianSeconds, p99Seconds };
    },
  };
}

/** Returns the smallest sample that this share of all does not exceed. */
function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}
