import type { Db } from '../../store/schema.ts';
import { readAudit } from '../../store/settings/audit.ts';
import type { AuditEntry } from './audit-views.ts';

export interface AuditQuery {
  readonly actor?: string;
  readonly action?: string;
  /** `task/7`, or `task` for all of them. */
  readonly subject?: string;
  readonly since?: Date;
  /** The first instant after the wanted period. */
  readonly until?: Date;
  /** Only entries with a smaller id: pages go from the newest to the oldest. */
  readonly beforeId?: number;
  readonly limit: number;
}

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
