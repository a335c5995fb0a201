import { z } from 'zod';
import { Timestamp } from '../../../shared/model/timestamp.ts';
import { wholeNumber } from '../../../shared/model/whole-number.ts';

const At = Timestamp.transform((text) => new Date(text));
const Text = z.string().min(1).max(1_024);
/** `actor=ann&subject=task/7&since=…&cursor=…&limit=50`; a page is a screen or two, at most 500. */
export const AuditFilters = z.strictObject({
  actor: Text.optional().describe('Name of the token that changed something.'),
  action: Text.optional().describe('What was done, such as `terminate` or `set-limits`.'),
  subject: Text.optional().describe('What was changed: `task/7`, with every character, or `task` for all tasks.'),
  since: At.optional().describe('At this instant or later; ISO 8601 with offset.'),
  until: At.optional().describe('Before this instant; ISO 8601 with offset.'),
  cursor: wholeNumber(1).optional().describe('`nextCursor` of the page before; without it, the newest.'),
  limit: wholeNumber(1, 500).prefault(50).describe('Entries of the page.'),
});
