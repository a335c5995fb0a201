import type { ClusterLocation } from './cluster-location.ts';
import { ECS_QUOTAS, FARGATE_QUOTAS, type QuotaBucket } from './quotas.ts';
import { createTokenBucket, type BucketOptions, type TokenBucket } from './token-bucket.ts';

/** The token buckets that the clients of one account and region draw from. */
export type AccountBuckets = ReadonlyMap<string, { readonly quota: QuotaBucket; readonly bucket: TokenBucket }>;

interface SharedQuotas {
  of(location: ClusterLocation): AccountBuckets;
}

/**
 * ECS grants its rates to an account in a region, for all its clusters and however many rows name them. An access key
 * belongs to one account. Two keys of one account look like two accounts here; calls beyond the quota are then
 * throttled by ECS.
 */
export function createSharedQuotas(options: Pick<BucketOptions, 'liveNodes' | 'clock'>): SharedQuotas {
  const accounts = new Map<string, AccountBuckets>();
  return {
    of({ region, endpoint, accessKeyId }) {
      const key = JSON.stringify([region, endpoint, accessKeyId]);
      const known = accounts.get(key) ?? createBuckets([...ECS_QUOTAS, ...FARGATE_QUOTAS], options);
      accounts.set(key, known);
      return known;
    },
  };
}

export function createBuckets(
  quotas: readonly QuotaBucket[],
  { liveNodes, clock }: Pick<BucketOptions, 'liveNodes' | 'clock'>,
): AccountBuckets {
  return new Map(
    quotas.map((quota) => [quota.name, { quota, bucket: createTokenBucket({ ...quota, liveNodes, clock }) }]),
  );
}
