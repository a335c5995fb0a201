import { z } from 'zod';
import { hasNoUser, NO_USER } from '../../../shared/text/shown-address.ts';
import { ClusterName } from './cluster-name.ts';
import { Timestamp } from '../../../shared/model/timestamp.ts';

const Text = z.string().trim().min(1).max(512);
// Regions of Amazon have these characters, and so has that of local ECS.
const Region = z
  .string()
  .trim()
  .regex(/^[a-z0-9-]{1,64}$/i, 'must be the name of a region, such as eu-central-1');
// API reference, CreateCluster, clusterName. An ARN is looked at together with the region.
const EcsName = z
  .string()
  .trim()
  .max(512)
  .regex(/^([\w-]{1,255}|arn:\S+)$/, 'must be a name with letters, digits, - and _, at most 255, or an ARN');
export const ClusterBody = z.strictObject({
  region: Region.describe('Region of AWS.'),
  cluster: EcsName.describe('Name or ARN of the cluster in ECS.'),
  accessKeyId: Text.optional().describe("Access key; without it the AWS SDK's own chain of credentials is used."),
  secretAccessKey: Text.optional().describe(
    'Secret of the access key. Left out beside the stored access key: the stored secret stays.',
  ),
  sessionToken: z.string().trim().min(1).max(4_096).optional().describe('Session token of temporary credentials.'),
  roleArn: Text.optional().describe('A role that is assumed with these credentials.'),
  // The characters of AWS (API reference, AssumeRole, ExternalId), which has them up to 1224.
  externalId: z
    .string()
    .regex(/^[\w+=,.@:/-]{2,512}$/)
    .optional()
    .describe('External id that the role asks for.'),
  endpoint: z
    .url({ protocol: /^https?$/ })
    .refine(hasNoUser, NO_USER)
    .optional()
    .describe("Address of ECS where it is not Amazon's own for the region."),
  connection: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('fips, dualStack, ec2Endpoint, stsEndpoint, logsEndpoint, proxy, eventsQueue.'),
  launch: z
    .record(z.string(), z.unknown())
    .describe('How containers are launched: `ec2`, `fargate` with subnets, or `capacity-providers`.'),
  fallback: z
    .array(ClusterName)
    .max(8)
    .optional()
    .describe('Clusters that are tried in this order when this one has no room.'),
  replaces: Timestamp.nullable()
    .optional()
    .describe(
      '`updatedAt` of what is replaced; null: there is no cluster of that name. Left out: whatever is there is replaced.',
    ),
});
