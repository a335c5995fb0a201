import type { Clock } from '../../shared/support/clock.ts';

export interface TokenBucket {
  /** Waits for its turn. `full` means that the wait would be longer than anyone should wait. */
  take(abort?: AbortSignal): Promise<'taken' | 'full'>;
  /** ECS has said that there is none: somebody else uses the account too. Whoever comes next waits for a new one. */
  drain(): void;
  /** For metrics: tokens there are now; negative while callers wait. */
  readonly tokens: number;
}

export interface BucketOptions {
  readonly burst: number;
  readonly perSecond: number;
  /** Nodes that share the quota; asked each time, because nodes come and go. */
  readonly liveNodes: () => number;
  readonly clock: Clock;
}

// A caller that would wait longer is better told `throttled`: its row waits 30 s and asks again.
const MAX_WAIT_MS = 30_000;

/** First come, first served: each caller takes its token at once, if need be from the future, and sleeps until then. */
export function createTokenBucket(options: BucketOptions): TokenBucket {
  const { clock } = options;
  let tokens = options.burst / Math.max(1, options.liveNodes());
  let filledAtMs = clock.monotonicMs();

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
      if (waitMs > 0) await clock.sleep(waitMs, abort);
      return 'taken';
    },
    drain() {
      refill();
      tokens = Math.min(tokens, 0);
    },
    get tokens() {
      refill();
      return tokens;
    },
  };
}
