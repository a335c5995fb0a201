import type { Clock } from '../../shared/time/clock.ts';
import { msToFullSecond } from './full-second.ts';

/** Seconds until the limit; below zero once it has passed. */
export function secondsToTimeLimit(startedMs: number, nowMs: number, maxSeconds: number): number {
  return maxSeconds - (nowMs - startedMs) / 1_000;
}

/** Calls `onBreach` once, when the container has run for as long as it may. */
export async function watchTime(
  limit: { readonly startedMs: number; readonly maxSeconds: () => number },
  onBreach: () => void,
  clock: Clock,
  abort: AbortSignal,
): Promise<void> {
  while (!abort.aborted) {
    const leftMs = secondsToTimeLimit(limit.startedMs, clock.monotonicMs(), limit.maxSeconds()) * 1_000;
    if (leftMs <= 0) return onBreach();
    // Once a second, because the enrolment may lower the limit; it is also far below what a timer can take.
    await clock.sleep(Math.min(leftMs, msToFullSecond(clock)), abort);
  }
}

/** Returns whether a command has made no progress for too long; 0 seconds switch this off. */
export function isStalled(secondsSinceProgress: readonly number[], maxSeconds: number): boolean {
  return maxSeconds > 0 && secondsSinceProgress.some((seconds) => seconds >= maxSeconds);
}
