import { z } from 'zod';
import { Facts, Instant } from '../view-fields.ts';

/** What can be done to a subject. Rows of other versions may have other words, so the answer has any text. */
export const AUDIT_ACTIONS = [
  ...(['create', 'revoke', 'save', 'use', 'delete', 'set-limits', 'pause', 'resume', 'prioritise', 'restart'] as const),
  ...(['terminate', 'maintenance-on', 'maintenance-off', 'rotate', 'confirm-restore', 'reconcile'] as const),
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** The kinds of subjects; of the first four there are several, with their number or name behind a slash. */
export const AUDIT_SUBJECTS = [
  ...(['task', 'group', 'cluster', 'token'] as const),
  ...(['all', 'maintenance', 'database', 'containers', 'master-key', 'build-key'] as const),
] as const;
type SubjectKind = (typeof AUDIT_SUBJECTS)[number];
export type AuditSubject = SubjectKind | `${SubjectKind}/${string | number}`;

/** A change and its author; `detail` holds no secret. */
export const AuditEntry = z.object({
  id: z.number().int().positive(),
  at: Instant,
  actor: z.string().describe('Name of the token.'),
  action: z.string().describe('What was done.'),
  subject: z.string().describe('What was changed, such as `task/7`.'),
  detail: Facts.nullable().describe('The change itself, without secrets.'),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

/** `nextCursor` leads to the page of older entries; null when there are none. */
export const AuditPage = z.object({
  entries: z.array(AuditEntry).describe('The newest first.'),
  nextCursor: z.string().nullable().describe('`cursor` of the page of older entries; null when there are none.'),
});
export type AuditPage = z.infer<typeof AuditPage>;
