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

// One reason for all: without one, every abort makes an error, and an error has a stack.
const OVER = 'over';

/**
 * Returns the result of `work`, or LATE when the time is over first. Late work goes on, and its result is dropped, an
 * error too: whoever can stop it stops it.
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
