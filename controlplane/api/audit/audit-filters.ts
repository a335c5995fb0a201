import { z } from 'zod';

const Instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const Text = z.string().min(1).max(1_024);
/** `actor=ann&subject=task/7&since=…&cursor=…&limit=50`; a page is a screen or two, at most 500. */
export const AuditFilters = z.strictObject({
  actor: Text.optional(),
  action: Text.optional(),
  subject: Text.optional(),
  since: Instant.optional(),
  until: Instant.optional(),
  cursor: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
