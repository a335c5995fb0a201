import { overrideQuota, type QuotaOverride } from './quota-overrides.ts';
import { EC2_QUOTAS, ECS_QUOTAS, FARGATE_QUOTAS, type QuotaBucket } from './quotas.ts';
import { createTokenBucket, type BucketOptions, type TokenBucket } from './token-bucket.ts';

/** The token buckets that the clients of one account and region draw from, by the name of the quota. */
export type AccountBuckets = ReadonlyMap<string, { readonly quota: QuotaBucket; readonly bucket: TokenBucket }>;

/** Whose calls are counted, and at which addresses. */
export interface QuotaUser {
  /** Credentials: equal ones are of one account. Different ones may be, which `learnAccount` tells. */
  readonly identity: string;
  /** The account where it is known from the start. */
  readonly account: string | null;
  readonly region: string;
  /** Addresses that replace Amazon's: another server counts apart. */
  readonly endpoint: string | null;
  readonly ec2Endpoint: string | null;
}

export interface SharedQuotas {
  /** Returns the function that finds the buckets, which change when the account of an identity is learnt. */
  of(user: QuotaUser): () => AccountBuckets;
  /** Makes the identity share the buckets of its account from now on. */
  learnAccount(identity: string, account: string): void;
  /** Returns the account of an identity; null while it is not known. */
  accountOf(identity: string): string | null;
}

interface SharedQuotasOptions extends Pick<BucketOptions, 'liveNodes' | 'clock'> {
  readonly overrides: readonly QuotaOverride[];
}

type Service = 'ecs' | 'ec2';

interface Opened {
  readonly service: Service;
  readonly user: QuotaUser;
  /** Null: the buckets are those of the identity alone. */
  readonly account: string | null;
  readonly buckets: AccountBuckets;
}

const QUOTAS: Readonly<Record<Service, readonly QuotaBucket[]>> = {
  ecs: [...ECS_QUOTAS, ...FARGATE_QUOTAS],
  ec2: EC2_QUOTAS,
};

/**
 * AWS grants its rates to an account in a region, for all its clusters and however many rows and access keys lead there.
 * While the account of credentials is not known, they have buckets of their own. What was taken from those is taken from
 * the account's once it is known.
 */
export function createSharedQuotas(options: SharedQuotasOptions): SharedQuotas {
  const accounts = new Map<string, string>();
  const opened = new Map<string, Opened>();

  function open(service: Service, user: QuotaUser): AccountBuckets {
    const account = accounts.get(user.identity) ?? null;
    const counted = account === null ? { identity: user.identity } : { account };
    const endpoint = service === 'ecs' ? user.endpoint : user.ec2Endpoint;
    const key = JSON.stringify([service, counted, user.region, endpoint]);
    const known = opened.get(key);
    if (known) return known.buckets;
    const owner = { account, region: user.region };
    const quotas = QUOTAS[service].map((quota) => overrideQuota(quota, options.overrides, owner));
    const buckets = createBuckets(quotas, options);
    opened.set(key, { service, user, account, buckets });
    return buckets;
  }

  function learnAccount(identity: string, account: string): void {
    if (accounts.get(identity) === account) return;
    const own = [...opened].filter(([, one]) => one.account === null && one.user.identity === identity);
    accounts.set(identity, account);
    for (const [key, { service, user, buckets }] of own) {
      opened.delete(key);
      const shared = open(service, user);
      for (const [name, { bucket }] of buckets) shared.get(name)?.bucket.spend(bucket.used);
    }
  }

  return {
    of(user) {
      if (user.account !== null) learnAccount(user.identity, user.account);
      return () => new Map([...open('ecs', user), ...open('ec2', user)]);
    },
    learnAccount,
    accountOf: (identity) => accounts.get(identity) ?? null,
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
