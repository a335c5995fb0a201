import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../shared/time/clock.ts';
import type { EcsSnapshot } from '../../containers/container.ts';
import { DESCRIBE_TASKS_ARNS } from './quotas.ts';

interface DescribeBatchOptions {
  /** Describes at most DESCRIBE_TASKS_ARNS tasks and returns a snapshot of each. Never rejects. */
  readonly ask: (arns: readonly string[]) => Promise<ReadonlyMap<string, EcsSnapshot>>;
  readonly clock: Clock;
}

// Nobody notices 50 ms, and they collect the questions of a sweep over a thousand tasks into ten calls.
const COLLECT_MS = 50;
// Several callers share the snapshot of a task: for 5 s while it rests in a status, for 1 s while it is on its way to
// another, because then somebody waits for that. A thousand tasks on their way cost ten calls a second, half the quota.
const SHARED_MS = 5_000;
const SHARED_ON_THE_WAY_MS = 1_000;
// Snapshots that are kept, those used last. One node has far fewer containers.
const MAX_KEPT = 10_000;

export interface DescribeBatch {
  describe(arn: string, freshness: 'shared' | 'fresh'): Promise<EcsSnapshot>;
  forget(arn: string): void;
}

/**
 * Collects single questions into few calls: 1,000 running tasks cost two calls a second, however often they are asked.
 */
export function createDescribeBatch(options: DescribeBatchOptions): DescribeBatch {
  const { clock } = options;
  const answers = new LRUCache<string, { snapshot: EcsSnapshot; atMs: number }>({ max: MAX_KEPT });
  let waiting = new Map<string, PromiseWithResolvers<EcsSnapshot>>();

  async function send(): Promise<void> {
    await clock.sleep(COLLECT_MS);
    const batch = [...waiting];
    waiting = new Map();
    const chunks = Array.from({ length: Math.ceil(batch.length / DESCRIBE_TASKS_ARNS) }, (_, index) =>
      batch.slice(index * DESCRIBE_TASKS_ARNS, (index + 1) * DESCRIBE_TASKS_ARNS),
    );
    await Promise.all(chunks.map(answerChunk));
  }

  async function answerChunk(chunk: readonly [string, PromiseWithResolvers<EcsSnapshot>][]): Promise<void> {
    const snapshots = await options.ask(chunk.map(([arn]) => arn));
    for (const [arn, asker] of chunk) {
      const snapshot: EcsSnapshot = snapshots.get(arn) ?? { kind: 'missing', at: clock.now().toISOString() };
      keep(arn, snapshot);
      asker.resolve(snapshot);
    }
  }

  function keep(arn: string, snapshot: EcsSnapshot): void {
    // A failed call is not kept: the next caller may succeed, and the token buckets bound the rate.
    if (snapshot.kind === 'unknown') answers.delete(arn);
    else answers.set(arn, { snapshot, atMs: clock.monotonicMs() });
  }

  function enqueue(arn: string): Promise<EcsSnapshot> {
    if (waiting.size === 0) void send();
    const asker = waiting.get(arn) ?? Promise.withResolvers<EcsSnapshot>();
    waiting.set(arn, asker);
    return asker.promise;
  }

  return {
    describe(arn, freshness) {
      const kept = answers.get(arn);
      const isShared =
        freshness === 'shared' && kept !== undefined && clock.monotonicMs() - kept.atMs < sharedMs(kept.snapshot);
      return isShared ? Promise.resolve(kept.snapshot) : enqueue(arn);
    },
    forget(arn) {
      answers.delete(arn);
    },
  };
}

function sharedMs(snapshot: EcsSnapshot): number {
  return snapshot.kind === 'seen' && snapshot.lastStatus !== snapshot.desiredStatus ? SHARED_ON_THE_WAY_MS : SHARED_MS;
}
