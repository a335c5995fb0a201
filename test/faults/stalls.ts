/** How much of its time this process could not run, because the machine had other things to do. */
export interface Stalls {
  /** Whether a schedule may have missed its bound for this reason alone. */
  isSlow(): boolean;
  /** For people: `31 % of 40 s`. */
  say(): string;
  close(): void;
}

const TICK_MS = 100;
// A tick of a busy machine is a little late; one that comes when the next two were due is one of a machine that stalls.
const LATE_MS = 3 * TICK_MS;
// Hurried ten times, a lease lasts three seconds; at half the speed nodes begin to lose each other's tasks.
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
