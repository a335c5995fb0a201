import { RateLimitedError } from './rate-limited-error.ts';

export interface ConcurrencyLimit {
  /** How many run at once; the next ones wait in the order they came. */
  readonly atOnce: number;
  /** How many may wait; more are refused. */
  readonly waiting: number;
  /** For the refusal: what there is too much of. */
  readonly what: string;
}

// By then a queue of a few milliseconds each is over.
const RETRY_AFTER_SECONDS = 2;

/**
 * Runs at most so many at once, so that requests of strangers leave most connections of the database to everybody
 * else. Throws RATE_LIMITED when too many wait already.
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
      // Whoever ends hands its place on, so `running` stays as it is.
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
