// The budget is counted in events. An event costs the agent some 2 µs, and a reading of both sizes some 15 µs (measured
// 2026-11). So the whole budget is 100 ms of a processor, and what comes back is 2 % of it in the long run.
const MAX_EVENTS = 50_000;
const REGAINED_PER_MS = 10;
/** What a reading of the sizes costs, in events. */
const READING_EVENTS = 8;
/** A spent budget is used again from here on: half a second of what comes back. */
const RESUME_EVENTS = 5_000;

/** What a process may cost the agent for the order of its two streams. */
export interface WatchBudget {
  /** Pays for one reading of the sizes and the events before it. Returns whether anything is left. */
  spend(events: number, nowMs: number): boolean;
  /** Returns whether watching goes on, or may begin again. */
  isEnough(nowMs: number): boolean;
}

export function createWatchBudget(startMs: number): WatchBudget {
  let left = MAX_EVENTS;
  let lastMs = startMs;
  let isSpent = false;
  function refill(nowMs: number): void {
    left = Math.min(MAX_EVENTS, left + (nowMs - lastMs) * REGAINED_PER_MS);
    lastMs = nowMs;
  }
  return {
    spend(events, nowMs) {
      refill(nowMs);
      left -= events + READING_EVENTS;
      if (left <= 0) isSpent = true;
      return !isSpent;
    },
    isEnough(nowMs) {
      refill(nowMs);
      if (left >= RESUME_EVENTS) isSpent = false;
      return !isSpent;
    },
  };
}
