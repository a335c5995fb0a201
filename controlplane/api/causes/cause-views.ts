import { z } from 'zod';
import { Fault } from '../../../shared/model/fault.ts';
import { Count, Instant } from '../view-fields.ts';

/** Why tasks have failed within a period; the most frequent cause first. */
export const CausesAnswer = z.object({
  since: Instant,
  until: Instant,
  causes: z.array(
    z.object({
      cause: z.string().nullable().describe('Null: the task did not say one.'),
      fault: Fault.nullable(),
      count: Count,
      lastAt: Instant,
      lastTaskId: Count,
    }),
  ),
});
export type CausesAnswer = z.infer<typeof CausesAnswer>;

/** Earlier tasks of the same group that have failed with the same cause, as far as they are kept. */
export const SeenBeforeAnswer = z.object({
  cause: z.string().nullable(),
  count: Count.describe('0 for a task that has not failed.'),
  isMore: z.boolean().describe('Whether there are more: no more than 1,000 are counted.'),
  lastAt: Instant.nullable(),
  lastTaskId: Count.nullable(),
});
export type SeenBeforeAnswer = z.infer<typeof SeenBeforeAnswer>;
