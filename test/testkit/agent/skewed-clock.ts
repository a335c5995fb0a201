import type { Clock } from '../../../shared/time/clock.ts';

/** Returns a clock that is ahead of another one by so many seconds. */
export function skewed(clock: Clock, seconds: number): Clock {
  if (seconds === 0) return clock;
  return {
    now: () => new Date(clock.now().getTime() + seconds * 1_000),
    monotonicMs: () => clock.monotonicMs(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
}
