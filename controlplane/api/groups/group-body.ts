import { z } from 'zod';
import { ClusterName } from '../clusters/cluster-name.ts';
import { distinct } from '../http/distinct.ts';

// A million tasks at once and a hundred years, both far within a database integer and a calendar.
export const GroupBody = z
  .strictObject({
    maxRunning: z.int().min(0).max(1_000_000).optional().describe('Tasks that may run at once.'),
    retentionDays: z.int().min(0).max(36_500).optional().describe('Days for which ended tasks are kept.'),
    clusters: distinct(ClusterName, 8)
      .optional()
      .describe('Clusters of its tasks in the order in which they are tried; none: the active one.'),
  })
  .refine((body) => Object.values(body).some((value) => value !== undefined), {
    message: 'give maxRunning, retentionDays or clusters',
  });
