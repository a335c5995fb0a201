import type { Clock } from '../../shared/support/clock.ts';

const SECOND_MS = 1_000;
/** Timers come up to a millisecond early: a beat this near has just been. */
const EARLY_TIMER_MS = 5;

/**
 * The last full second of the clock within `ms` from now, as milliseconds from now; `ms` itself when there is none.
 * Whoever looks about once a second looks then: an idle process costs by how often it wakes, not by what it looks at.
 */
export function msToFullSecond(clock: Clock, ms = SECOND_MS): number {
  const nowMs = clock.monotonicMs();
  const waitMs = Math.floor((nowMs + ms) / SECOND_MS) * SECOND_MS - nowMs;
  return waitMs > EARLY_TIMER_MS ? waitMs : ms;
}
