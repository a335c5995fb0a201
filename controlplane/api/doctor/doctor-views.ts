import { z } from 'zod';
import { Count } from '../view-fields.ts';

export const DoctorCheck = z.object({
  name: z.string(),
  outcome: z.enum(['ok', 'warning', 'failed']),
  message: z.string().describe('One sentence with the values.'),
  remedy: z.string().nullable().describe('Tells a person what to do; null when there is nothing to do.'),
  tookMs: Count.describe('How long it took (ms).'),
});
export type DoctorCheck = z.infer<typeof DoctorCheck>;
export const DoctorAnswer = z.object({
  node: z.string().describe('The node that answered.'),
  version: z.string().describe('Version of the node.'),
  checks: z.array(DoctorCheck).describe('Whatever they say, the answer is 200.'),
});
export type DoctorAnswer = z.infer<typeof DoctorAnswer>;
