import type { Db } from '../../store/schema.ts';
import { readAudit, type AuditFilter } from '../../store/settings/audit.ts';
import type { AuditEntry } from './audit-views.ts';

export type AuditQuery = AuditFilter;

export interface AuditService {
  /** Newest first. */
  readAudit(filter: AuditQuery): Promise<readonly AuditEntry[]>;
}

export function createAuditService(db: Db): AuditService {
  return {
    readAudit: async (filter) =>
      (await readAudit(db, filter)).map(({ at, ...entry }) => ({ ...entry, at: at.toISOString() })),
  };
}
