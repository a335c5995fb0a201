import type { Clock } from '../../shared/time/clock.ts';

const SECOND_MS = 1_000;
/** Timers fire up to a millisecond early: a full second this near has just passed. */
const EARLY_TIMER_MS = 5;

/**
 * Returns the milliseconds to the last full second of the clock within `ms` from now, or `ms` when there is none.
 * Watches that read about once a second all read then: an idle agent costs by how often it wakes, not by what it does.
 */
export function msToFullSecond(clock: Clock, ms = SECOND_MS): number {
  const nowMs = clock.monotonicMs();
  const waitMs = Math.floor((nowMs + ms) / SECOND_MS) * SECOND_MS - nowMs;
  return waitMs > EARLY_TIMER_MS ? waitMs : ms;
}
