import { RateLimitedError } from './rate-limited-error.ts';

export interface ConcurrencyLimit {
  /** Calls that run at the same time; further ones wait in the order of their arrival. */
  readonly atOnce: number;
  /** Calls that may wait; more are refused. */
  readonly waiting: number;
  /** The beginning of the refusal's message, such as "Too many containers enrol at once". */
  readonly what: string;
}

// Within this time a full queue of calls that take a few milliseconds each gets empty.
const RETRY_AFTER_SECONDS = 2;

/**
 * Runs at most `atOnce` calls at a time, so that requests of strangers leave most connections of the database to
 * everybody else. Throws RATE_LIMITED when too many wait already.
 */
export function limitConcurrency<Input, Output>(
  { atOnce, waiting, what }: ConcurrencyLimit,
  run: (input: Input) => Promise<Output>,
): (input: Input) => Promise<Output> {
  const queue: (() => void)[] = [];
  let running = 0;
  return async (input) => {
    if (running >= atOnce) {
      if (queue.length >= waiting) {
        throw new RateLimitedError(`${what}: ${waiting} requests wait already`, RETRY_AFTER_SECONDS);
      }
      // A call that ends hands its turn to the next one, so `running` does not change.
      await new Promise<void>((resolve) => queue.push(resolve));
    } else running += 1;
    try {
      return await run(input);
    } finally {
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
