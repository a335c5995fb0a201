import type { Clock } from '../../shared/support/clock.ts';

/** A timer whose sleep another caller can cut short. */
export interface WakeableTimer {
  sleep(ms: number): Promise<void>;
  /** Ends the sleep under way, if there is one. */
  wake(): void;
}

export function createWakeableTimer(clock: Clock): WakeableTimer {
  let current = new AbortController();
  return {
    sleep: (ms) => clock.sleep(ms, current.signal),
    wake() {
      current.abort();
      current = new AbortController();
    },
  };
}
