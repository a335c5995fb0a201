import { clearPause, readPauses, setPause, type PauseScope } from '../../store/control/pauses.ts';
import { readPauseOrigins } from '../../store/control/pause-origins.ts';
import type { Db } from '../../store/schema.ts';
import { auditInto } from '../audit/audited.ts';
import type { AuditSubject } from '../audit/audit-views.ts';
import type { PausesView, PauseTypeName } from './state-views.ts';

/** Everything, or these groups only. */
export type PauseTarget = 'all' | readonly string[];

export interface PauseService {
  readPauses(): Promise<PausesView>;
  pauseAll(target: PauseTarget, type: PauseTypeName, by: string): Promise<void>;
  resumeAll(target: PauseTarget, by: string): Promise<void>;
}

export function createPauseService(db: Db): PauseService {
  const audited = auditInto(db);
  return {
    readPauses: () => pausesView(db),
    pauseAll: async (target, type, by) => {
      for (const { scope, subject } of scopesOf(target)) {
        await setPause(db, scope, type);
        await audited(by, 'pause', subject, { type });
      }
    },
    resumeAll: async (target, by) => {
      for (const { scope, subject } of scopesOf(target)) {
        await clearPause(db, scope);
        await audited(by, 'resume', subject);
      }
    },
  };
}

function scopesOf(target: PauseTarget): { scope: PauseScope; subject: AuditSubject }[] {
  if (target === 'all') return [{ scope: { scope: 'global' }, subject: 'all' }];
  return target.map((name) => ({ scope: { scope: 'group', name }, subject: `group/${name}` }));
}

/** Returns what is paused, with who did it. */
export async function pausesView(db: Db): Promise<PausesView> {
  const { global, groups } = await readPauses(db);
  const subjects = [...(global === null ? [] : ['all']), ...Object.keys(groups).map((name) => `group/${name}`)];
  const origins = await readPauseOrigins(db, subjects);
  const shown = [...origins].map(([subject, { at, by }]) => [subject, { since: at.toISOString(), by }]);
  return { global, groups, origins: Object.fromEntries(shown) };
}
