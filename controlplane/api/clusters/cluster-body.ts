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
  region: Region,
  cluster: EcsName,
  accessKeyId: Text.optional(),
  secretAccessKey: Text.optional(),
  sessionToken: z.string().trim().min(1).max(4_096).optional(),
  roleArn: Text.optional(),
  // The characters of AWS (API reference, AssumeRole, ExternalId), which has them up to 1224.
  externalId: z
    .string()
    .regex(/^[\w+=,.@:/-]{2,512}$/)
    .optional(),
  endpoint: z
    .url({ protocol: /^https?$/ })
    .refine(hasNoUser, NO_USER)
    .optional(),
  /** fips, dualStack, ec2Endpoint, stsEndpoint, logsEndpoint, proxy, eventsQueue. */
  connection: z.record(z.string(), z.unknown()).optional(),
  launch: z.record(z.string(), z.unknown()),
  fallback: z.array(ClusterName).max(8).optional(),
  /** `updatedAt` of what is replaced; null: there is no cluster of that name. Left out: whatever is there is replaced. */
  replaces: Timestamp.nullable().optional(),
});
