import { z } from 'zod';
import { Facts, Instant } from '../view-fields.ts';

export const ClusterView = z.object({
  name: z.string().describe('Name of the cluster in Wip.'),
  region: z.string().describe('Region of AWS.'),
  cluster: z.string().describe('Name or ARN of the cluster in ECS.'),
  accessKeyId: z.string().nullable().describe("Null: the AWS SDK's own chain of credentials is used."),
  hasSecret: z.boolean().describe('A secret is stored; no answer holds it.'),
  hasSessionToken: z.boolean().describe('A session token is stored; no answer holds it.'),
  roleArn: z.string().nullable().describe('A role that is assumed with these credentials.'),
  externalId: z.string().nullable().describe('External id that the role asks for.'),
  endpoint: z.string().nullable().describe("Address of ECS where it is not Amazon's own for the region."),
  connection: Facts.describe(
    'How AWS is reached: fips, dualStack, ec2Endpoint, stsEndpoint, logsEndpoint, proxy, eventsQueue; what is absent is as the SDK has it.',
  ),
  launch: Facts.describe('How containers are launched: `ec2`, `fargate` with subnets, or `capacity-providers`.'),
  fallback: z.array(z.string()).describe('Clusters that are tried in this order when this one has no room.'),
  isActive: z.boolean().describe('Tasks without a cluster of their own are launched here.'),
  updatedAt: Instant.describe('To be sent back as `replaces`, so that no change of somebody else is lost.'),
});
export type ClusterView = z.infer<typeof ClusterView>;
export const ClustersAnswer = z.object({ clusters: z.array(ClusterView) });
export type ClustersAnswer = z.infer<typeof ClustersAnswer>;

/** One line of the check of a cluster. `unchecked`: no harmless call can tell. */
export const ClusterCheckLine = z.object({
  name: z.string(),
  outcome: z.enum(['ok', 'warning', 'failed', 'unchecked']),
  message: z.string().describe('One sentence with the values.'),
  remedy: z.string().nullable().describe('Tells a person what to do; null when there is nothing to do.'),
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
      tokens: z.number().describe('Calls that this node may make at once; negative while calls wait.'),
      burst: z.number().describe('Calls that the account may make at once, and in each second, for all nodes.'),
      perSecond: z.number(),
      waitedSeconds: z
        .number()
        .optional()
        .describe(
          'How long calls of this node have waited for their share since it began to use the quota. Absent in answers of an earlier version.',
        ),
    }),
  ),
});
export type EcsQuotasAnswer = z.infer<typeof EcsQuotasAnswer>;
