import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../shared/time/clock.ts';

interface Rate {
  readonly perSecond: number;
  /** Requests that may come at once after a pause. */
  readonly burst: number;
}

export interface RateLimiterOptions extends Rate {
  readonly clock: Clock;
  /** Called when a key is refused for the first time since it was last within its rate. */
  readonly onRefused: (key: string) => void;
  /** The keys unused for longest are forgotten beyond this number, and then have a whole burst again. */
  readonly mostKeys?: number;
}

/**
 * One token bucket per key. Not `@fastify/rate-limit`: it registers itself asynchronously before any route, and it counts
 * in fixed windows of the wall clock, which a test cannot hold.
 */
export interface RateLimiter {
  /**
   * Returns 0 when the request is within the rate of its key, else the seconds after which the next one will be. A request
   * may count as several, but not as more than a burst.
   */
  take(key: string, count?: number): number;
}

interface Bucket {
  tokens: number;
  filledAtMs: number;
  isRefusing: boolean;
}

// The largest installation that is measured has 10,000 containers; a bucket has some 200 bytes.
const MOST_KEYS = 20_000;

export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { perSecond, burst, clock, onRefused, mostKeys = MOST_KEYS } = options;
  const buckets = new LRUCache<string, Bucket>({ max: mostKeys });

  function bucketOf(key: string): Bucket {
    const nowMs = clock.monotonicMs();
    const known = buckets.get(key) ?? { tokens: burst, filledAtMs: nowMs, isRefusing: false };
    known.tokens = Math.min(burst, known.tokens + ((nowMs - known.filledAtMs) / 1000) * perSecond);
    known.filledAtMs = nowMs;
    buckets.set(key, known);
    return known;
  }

  return {
    take(key, count = 1) {
      const bucket = bucketOf(key);
      if (bucket.tokens >= count) {
        bucket.tokens -= count;
        // Half full, so that a sender that hovers around its rate is not reported again and again.
        if (bucket.tokens >= burst / 2) bucket.isRefusing = false;
        return 0;
      }
      if (!bucket.isRefusing) onRefused(key);
      bucket.isRefusing = true;
      return (count - bucket.tokens) / perSecond;
    },
  };
}
