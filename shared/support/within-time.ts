import type { Clock } from './clock.ts';

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
  const over = new AbortController();
  const stop = (): void => over.abort(OVER);
  // A listener and not AbortSignal.any, which costs several times as much: each method of each step passes here.
  if (abort?.aborted) stop();
  abort?.addEventListener('abort', stop);
  try {
    return await Promise.race([work, clock.sleep(limitMs, over.signal).then((): typeof LATE => LATE)]);
  } finally {
    abort?.removeEventListener('abort', stop);
    stop();
  }
}
