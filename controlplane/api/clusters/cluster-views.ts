import { z } from 'zod';
import { Facts, Instant } from '../view-fields.ts';

export const ClusterView = z.object({
  name: z.string(),
  region: z.string(),
  cluster: z.string(),
  accessKeyId: z.string().nullable(),
  /** A secret is stored; no answer holds it. */
  hasSecret: z.boolean(),
  hasSessionToken: z.boolean(),
  /** A role that is assumed with these credentials. */
  roleArn: z.string().nullable(),
  externalId: z.string().nullable(),
  endpoint: z.string().nullable(),
  /** How AWS is reached: fips, dualStack, ec2Endpoint, stsEndpoint, logsEndpoint, proxy, eventsQueue; what is absent is as the SDK has it. */
  connection: Facts,
  launch: Facts,
  /** Clusters that are tried in this order when this one has no room. */
  fallback: z.array(z.string()),
  isActive: z.boolean(),
  updatedAt: Instant,
});
export type ClusterView = z.infer<typeof ClusterView>;
export const ClustersAnswer = z.object({ clusters: z.array(ClusterView) });
export type ClustersAnswer = z.infer<typeof ClustersAnswer>;

/** One line of the check of a cluster. `unchecked`: no harmless call can tell. */
export const ClusterCheckLine = z.object({
  name: z.string(),
  outcome: z.enum(['ok', 'warning', 'failed', 'unchecked']),
  /** One sentence with the values. */
  message: z.string(),
  /** Tells a person what to do; null when there is nothing to do. */
  remedy: z.string().nullable(),
});
export type ClusterCheckLine = z.infer<typeof ClusterCheckLine>;
export const ClusterCheckAnswer = z.object({
  cluster: z.string(),
  node: z.string(),
  checks: z.array(ClusterCheckLine).readonly(),
});
export type ClusterCheckAnswer = z.infer<typeof ClusterCheckAnswer>;

/** Share of this node in the calls that an account may make; clusters of one account and region share them. */
export const EcsQuotasAnswer = z.object({
  node: z.string(),
  quotas: z.array(
    z.object({
      cluster: z.string(),
      quota: z.string(),
      /** Calls that this node may make at once; negative while calls wait. */
      tokens: z.number(),
      /** Calls that the account may make at once, and in each second, for all nodes. */
      burst: z.number(),
      perSecond: z.number(),
      /** How long calls of this node have waited for their share since it began to use the quota. Absent in answers of an earlier version. */
      waitedSeconds: z.number().optional(),
    }),
  ),
});
export type EcsQuotasAnswer = z.infer<typeof EcsQuotasAnswer>;
