import type { Db } from '../../store/schema.ts';
import type { JsonObject } from '../../store/json.ts';
import { appendAudit } from '../../store/settings/audit.ts';
import type { AuditAction, AuditSubject } from './audit-views.ts';

/** Writes a change and its author into the audit. */
export type Audited = (by: string, action: AuditAction, subject: AuditSubject, detail?: JsonObject) => Promise<void>;

export function auditInto(db: Db): Audited {
  return (actor, action, subject, detail) => appendAudit(db, { actor, action, subject, ...(detail && { detail }) });
}
