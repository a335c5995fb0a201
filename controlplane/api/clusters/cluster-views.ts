import { z } from 'zod';
import { Facts, Instant } from '../view-fields.ts';

export const ClusterView = z.object({
  name: z.string(),
  region: z.string(),
  cluster: z.string(),
  accessKeyId: z.string().nullable(),
  /** A secret is stored; no answer holds it. */
  hasSecret: z.boolean(),
  endpoint: z.string().nullable(),
  launch: Facts,
  isActive: z.boolean(),
  updatedAt: Instant,
});
export type ClusterView = z.infer<typeof ClusterView>;
export const ClustersAnswer = z.object({ clusters: z.array(ClusterView) });
export type ClustersAnswer = z.infer<typeof ClustersAnswer>;
