import { z } from 'zod';
import { Count } from '../view-fields.ts';

export const DoctorCheck = z.object({
  name: z.string(),
  outcome: z.enum(['ok', 'warning', 'failed']),
  /** One sentence with the values. */
  message: z.string(),
  /** Tells a person what to do; null when there is nothing to do. */
  remedy: z.string().nullable(),
  tookMs: Count,
});
export type DoctorCheck = z.infer<typeof DoctorCheck>;
export const DoctorAnswer = z.object({ node: z.string(), version: z.string(), checks: z.array(DoctorCheck) });
export type DoctorAnswer = z.infer<typeof DoctorAnswer>;
