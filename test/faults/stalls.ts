/** Measures the share of time in which this process could not run because the machine was busy. */
export interface Stalls {
  /** Returns whether a schedule may have missed its limit for this reason alone. */
  isSlow(): boolean;
  /** Returns a text like `31 % of 40 s`. */
  say(): string;
  close(): void;
}

const TICK_MS = 100;
// On a busy machine a tick is a little late. A tick later than the next two were due shows a stalling machine.
const LATE_MS = 3 * TICK_MS;
// With time ten times faster, a lease lasts three seconds. At half the speed nodes begin to lose each other's tasks.
const SLOW_SHARE = 0.3;

export function watchStalls(nowMs: () => number = () => performance.now()): Stalls & { tick(): void } {
  const beganMs = nowMs();
  let lastMs = beganMs;
  let stalledMs = 0;
  const tick = (): void => {
    const atMs = nowMs();
    if (atMs - lastMs > LATE_MS) stalledMs += atMs - lastMs;
    lastMs = atMs;
  };
  const timer = setInterval(tick, TICK_MS);
  const share = (): number => stalledMs / Math.max(1, nowMs() - beganMs);
  return {
    tick,
    isSlow: () => share() > SLOW_SHARE,
    say: () => `${Math.round(share() * 100)} % of ${Math.round((nowMs() - beganMs) / 1_000)} s`,
    close: () => clearInterval(timer),
  };
}
