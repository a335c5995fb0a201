import { z } from 'zod';
import { ClusterName } from './cluster-name.ts';

const Text = z.string().trim().min(1).max(512);
export const ClusterBody = z.strictObject({
  region: Text,
  cluster: Text,
  accessKeyId: Text.optional(),
  secretAccessKey: Text.optional(),
  sessionToken: z.string().trim().min(1).max(4_096).optional(),
  roleArn: Text.optional(),
  // The characters of AWS (API reference, AssumeRole, ExternalId), which has them up to 1224.
  externalId: z
    .string()
    .regex(/^[\w+=,.@:/-]{2,512}$/)
    .optional(),
  endpoint: z.url().optional(),
  /** fips, dualStack, ec2Endpoint, stsEndpoint, logsEndpoint, proxy, eventsQueue. */
  connection: z.record(z.string(), z.unknown()).optional(),
  launch: z.record(z.string(), z.unknown()),
  fallback: z.array(ClusterName).max(8).optional(),
  /** `updatedAt` of what is replaced; null: there is no cluster of that name. Left out: whatever is there is replaced. */
  replaces: z.iso.datetime().nullable().optional(),
});
