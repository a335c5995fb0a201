import type { Clock } from '../../../shared/time/clock.ts';

export interface TokenBucket {
  /** Waits for a token. `full` means that the wait would be longer than MAX_WAIT_MS. */
  take(abort?: AbortSignal): Promise<'taken' | 'full'>;
  /**
   * Empties the bucket after ECS throttled a call: another program uses the account too. The next caller waits for a
   * new token.
   */
  drain(): void;
  /** Takes tokens that somebody else has already used. */
  spend(count: number): void;
  /** Tokens that are missing from a full bucket. */
  readonly used: number;
  /** Tokens available now, for metrics; negative while callers wait. */
  readonly tokens: number;
  /** How long callers have waited for tokens, all of them together. */
  readonly waitedMs: number;
}

export interface BucketOptions {
  readonly burst: number;
  readonly perSecond: number;
  /** Number of nodes that share the quota. It is read each time, because nodes come and go. */
  readonly liveNodes: () => number;
  readonly clock: Clock;
}

// A caller that would wait longer gets `throttled`: its task waits 30 s in the state table and tries again.
const MAX_WAIT_MS = 30_000;

/**
 * First come, first served: each caller takes its token at once, from the future if need be, and sleeps until that
 * token exists.
 */
export function createTokenBucket(options: BucketOptions): TokenBucket {
  const { clock } = options;
  let tokens = options.burst / Math.max(1, options.liveNodes());
  let filledAtMs = clock.monotonicMs();
  let waitedMs = 0;

  function refill(): number {
    const nodes = Math.max(1, options.liveNodes());
    const nowMs = clock.monotonicMs();
    tokens = Math.min(options.burst / nodes, tokens + ((nowMs - filledAtMs) / 1000) * (options.perSecond / nodes));
    filledAtMs = nowMs;
    return options.perSecond / nodes;
  }

  return {
    async take(abort) {
      const perSecond = refill();
      const waitMs = tokens >= 1 ? 0 : ((1 - tokens) / perSecond) * 1000;
      if (waitMs > MAX_WAIT_MS) return 'full';
      tokens -= 1;
      waitedMs += waitMs;
      if (waitMs > 0) await clock.sleep(waitMs, abort);
      return 'taken';
    },
    drain() {
      refill();
      tokens = Math.min(tokens, 0);
    },
    spend(count) {
      refill();
      tokens -= count;
    },
    get used() {
      refill();
      return options.burst / Math.max(1, options.liveNodes()) - tokens;
    },
    get tokens() {
      refill();
      return tokens;
    },
    get waitedMs() {
      return waitedMs;
    },
  };
}
