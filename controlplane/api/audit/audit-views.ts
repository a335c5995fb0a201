import { z } from 'zod';
import { Facts, Instant } from '../view-fields.ts';

/** A change and its author; `detail` holds no secret. */
export const AuditEntry = z.object({
  id: z.number().int().positive(),
  at: Instant,
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: Facts.nullable(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

/** `nextCursor` leads to the page of older entries; null when there are none. */
export const AuditPage = z.object({ entries: z.array(AuditEntry), nextCursor: z.string().nullable() });
export type AuditPage = z.infer<typeof AuditPage>;
