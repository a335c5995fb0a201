import { z } from 'zod';
import { Timestamp } from '../../../shared/model/timestamp.ts';
import { wholeNumber } from '../../../shared/model/whole-number.ts';

const At = Timestamp.transform((text) => new Date(text));
const Text = z.string().min(1).max(1_024);
/** `actor=ann&subject=task/7&since=…&cursor=…&limit=50`; a page is a screen or two, at most 500. */
export const AuditFilters = z.strictObject({
  actor: Text.optional(),
  action: Text.optional(),
  subject: Text.optional(),
  since: At.optional(),
  until: At.optional(),
  cursor: wholeNumber(1).optional(),
  limit: wholeNumber(1, 500).prefault(50),
});
