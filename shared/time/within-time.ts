import type { Clock } from './clock.ts';
import { FollowingAbort } from './following-abort.ts';

/** The result of work that did not end in time. */
export const LATE: unique symbol = Symbol('late');

export interface TimeLimit {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly limitMs: number;
  /** Ends the wait early, as if the time were over. */
  readonly abort?: AbortSignal;
}

// One reason for all aborts: without a reason, every abort creates an error with a stack trace, which is expensive.
const OVER = 'over';

/**
 * Returns the result of `work`, or LATE when the time is over first. Late work goes on, and its result or error is dropped; the
 * caller should stop it if possible.
 */
export async function withinTime<T>(work: PromiseLike<T>, limit: TimeLimit): Promise<T | typeof LATE> {
  const { clock, limitMs, abort } = limit;
  const over = new FollowingAbort(...(abort ? [abort] : []));
  try {
    return await Promise.race([work, clock.sleep(limitMs, over.signal).then((): typeof LATE => LATE)]);
  } finally {
    over.abort(OVER);
  }
}
