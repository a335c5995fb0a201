import { backoffMs } from '../../../shared/time/backoff.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { Logger } from '../../../shared/system/logger.ts';
import { classifyEcsError } from './classify-ecs-error.ts';
import { EcsCallError } from './ecs-error.ts';
import type { AccountBuckets } from './shared-quotas.ts';
import type { TokenBucket } from './token-bucket.ts';

export interface EcsCallsOptions {
  readonly isFargate: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Returns the token buckets of the account and region, which all their clients share. */
  readonly quotas: () => AccountBuckets;
  /** Called after each call, for metrics. */
  readonly onCall?: ((call: EcsCallReport) => void) | undefined;
}

interface EcsCallReport {
  readonly action: string;
  readonly outcome: 'ok' | EcsCallError['class'];
  readonly waitedMs: number;
  readonly tookMs: number;
}

export interface EcsCalls {
  /**
   * Makes a call within the quotas, with a few retries. Throws EcsCallError for classified errors, and bugs unchanged.
   */
  call<T>(action: string, send: () => Promise<T>): Promise<T>;
  /** Returns the state of each bucket, for metrics. */
  readQuotas(): QuotaStates;
}

/**
 * The state of each quota: the calls left for this node, what AWS grants the account, as far as this node knows, and
 * how long calls have waited for their share since the node began to use the quota.
 */
export type QuotaStates = Readonly<
  Record<
    string,
    { readonly tokens: number; readonly burst: number; readonly perSecond: number; readonly waitedSeconds: number }
  >
>;

/** Prefix of the quotas that only calls for Fargate draw from. */
const FARGATE = 'fargate-';

// Three tries within a second or two. The state table handles longer failures: it waits 30 s and tells why.
const TRIES = 3;
const BACKOFF = { firstMs: 400, maxMs: 2_000, factor: 3 };
// A throttled account needs time to fill its bucket again: at the slowest rate, one call a second, a second for each
// call.
const THROTTLED_BACKOFF = { firstMs: 2_000, maxMs: 8_000, factor: 2 };
// Full jitter may draw almost nothing, which would be no backoff. At least this share of the ceiling is waited.
const LEAST_OF_CEILING = 0.25;

export function createEcsCalls(options: EcsCallsOptions): EcsCalls {
  const isOther = ({ name }: { readonly name: string }): boolean => name.startsWith(FARGATE) && !options.isFargate;
  const listBuckets = () => [...options.quotas().values()].filter(({ quota }) => !isOther(quota));

  const quotasOf = (action: string) => listBuckets().filter(({ quota }) => quota.actions.includes(action));
  const bucketsOf = (action: string): TokenBucket[] => quotasOf(action).map(({ bucket }) => bucket);
  const namesOf = (action: string): string[] => quotasOf(action).map(({ quota }) => quota.name);

  async function takeTokens(action: string): Promise<void> {
    if (!(await takeAll(bucketsOf(action)))) {
      throw new EcsCallError(
        action,
        'throttled',
        new Error('more calls are waiting than ECS takes in half a minute'),
        namesOf(action),
      );
    }
  }

  async function attempt<T>(action: string, send: () => Promise<T>): Promise<T> {
    const startMs = options.clock.monotonicMs();
    await takeTokens(action);
    const sentMs = options.clock.monotonicMs();
    const report = (outcome: EcsCallReport['outcome']): void =>
      options.onCall?.({ action, outcome, waitedMs: sentMs - startMs, tookMs: options.clock.monotonicMs() - sentMs });
    try {
      const answer = await send();
      report('ok');
      return answer;
    } catch (thrown) {
      const kind = classifyEcsError(thrown);
      if (!kind) throw thrown;
      report(kind);
      if (kind === 'throttled') for (const bucket of bucketsOf(action)) bucket.drain();
      throw new EcsCallError(action, kind, thrown, namesOf(action));
    }
  }

  return {
    async call(action, send) {
      for (let tried = 0; ; tried += 1) {
        try {
          return await attempt(action, send);
        } catch (error) {
          if (!(error instanceof EcsCallError) || !error.retryable || tried + 1 >= TRIES) throw error;
          options.log.info({ action, class: error.class, awsName: error.awsName, tried }, 'ECS call tried again');
          await options.clock.sleep(retryMs(error, tried, options.random));
        }
      }
    },
    readQuotas: () =>
      Object.fromEntries(
        listBuckets().map(({ quota: { name, burst, perSecond }, bucket }) => [
          name,
          { tokens: bucket.tokens, burst, perSecond, waitedSeconds: bucket.waitedMs / 1000 },
        ]),
      ),
  };
}

function retryMs(error: EcsCallError, tried: number, random: () => number): number {
  const backoff = error.class === 'throttled' ? THROTTLED_BACKOFF : BACKOFF;
  return backoffMs(backoff, tried, () => LEAST_OF_CEILING + random() * (1 - LEAST_OF_CEILING));
}

async function takeAll(buckets: readonly TokenBucket[]): Promise<boolean> {
  const taken = await Promise.all(buckets.map((bucket) => bucket.take()));
  return taken.every((outcome) => outcome === 'taken');
}
