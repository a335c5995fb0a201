import type { Clock } from '../../shared/support/clock.ts';

const BEAT_MS = 1_000;
/** Timers come up to a millisecond early: a beat this near has just been. */
const NEAR_MS = 5;

/**
 * The last full second of the clock within `ms` from now, as milliseconds from now; `ms` itself when there is none.
 * Whoever looks about once a second looks then: an idle process costs by how often it wakes, not by what it looks at.
 */
export function untilBeat(clock: Clock, ms = BEAT_MS): number {
  const nowMs = clock.monotonicMs();
  const beatMs = Math.floor((nowMs + ms) / BEAT_MS) * BEAT_MS - nowMs;
  return beatMs > NEAR_MS ? beatMs : ms;
}
