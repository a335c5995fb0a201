import { z } from 'zod';
import { Facts, Instant } from '../view-fields.ts';

/** Who changed what; `detail` holds no secret. */
export const AuditEntry = z.object({
  id: z.number().int().positive(),
  at: Instant,
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: Facts.nullable(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

/** `nextCursor`: for the page of older ones; null when there are none. */
export const AuditPage = z.object({ entries: z.array(AuditEntry), nextCursor: z.string().nullable() });
export type AuditPage = z.infer<typeof AuditPage>;
