import type { Clock } from '../../../shared/time/clock.ts';

/**
 * Rates that ECS grants an account in a region: "Request throttling for the Amazon ECS API". Written apart from the
 * rates that our own client keeps to, so that an error in those shows here.
 */
const RATES: readonly (readonly [burst: number, perSecond: number, ...actions: readonly string[]])[] = [
  [100, 40, 'RunTask', 'StopTask', 'ExecuteCommand'],
  [100, 20, 'DescribeTasks', 'ListTasks', 'DescribeContainerInstances', 'ListContainerInstances'],
  [20, 1, 'RegisterTaskDefinition', 'DeregisterTaskDefinition'],
  [50, 20, 'DescribeTaskDefinition', 'ListTaskDefinitions', 'ListTaskDefinitionFamilies'],
  [50, 20, 'DescribeClusters', 'ListClusters'],
  [20, 1, 'CreateCluster', 'UpdateCluster', 'DeleteCluster'],
  [20, 10, 'TagResource', 'UntagResource'],
];

interface Bucket {
  readonly burst: number;
  readonly perSecond: number;
  tokens: number;
  filledAtMs: number;
}

/** Returns the token buckets of an account. Actions without a rate are never refused. */
export function createServerBuckets(clock: Pick<Clock, 'now'>): { take(action: string): boolean } {
  const buckets = new Map<string, Bucket>();
  for (const [burst, perSecond, ...actions] of RATES) {
    const bucket: Bucket = { burst, perSecond, tokens: burst, filledAtMs: clock.now().getTime() };
    for (const action of actions) buckets.set(action, bucket);
  }
  return {
    take(action) {
      const bucket = buckets.get(action);
      if (!bucket) return true;
      const nowMs = clock.now().getTime();
      const gained = ((nowMs - bucket.filledAtMs) / 1000) * bucket.perSecond;
      bucket.tokens = Math.min(bucket.burst, bucket.tokens + gained);
      bucket.filledAtMs = nowMs;
      if (bucket.tokens < 1) return false;
      bucket.tokens -= 1;
      return true;
    },
  };
}
