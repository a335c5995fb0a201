/** One figure and what was promised of it. */
export interface Measurement {
  readonly what: string;
  readonly measured: string;
  readonly promise: string;
  readonly isKept: boolean;
}

/** Wall-clock milliseconds of each call, in the order in which they were made: the first one is cold. */
export function timeCalls(count: number, call: () => void): number[] {
  return Array.from({ length: count }, () => {
    const startedMs = performance.now();
    call();
    return performance.now() - startedMs;
  });
}

function text(milliseconds: number): string {
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}

/** Kept when the median is; the first call and the worst are shown, too, so that nothing is hidden in it. */
export function judgeTimes(what: string, times: readonly number[], maxMs: number): Measurement {
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)]!;
  const measured = `${text(median)} (median of ${times.length}; first ${text(times[0]!)}, worst ${text(sorted.at(-1)!)})`;
  return { what, measured, promise: `< ${maxMs} ms`, isKept: median < maxMs };
}
