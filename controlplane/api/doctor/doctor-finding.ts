import type { DoctorCheck } from './doctor-views.ts';

/** What a check has found. */
export type DoctorFinding = Pick<DoctorCheck, 'outcome' | 'said' | 'remedy'>;

// A person waits for the answer, and a part that has not answered by then is broken for a node as well.
export const CHECK_TIMEOUT_MS = 10_000;

export function ok(said: string): DoctorFinding {
  return { outcome: 'ok', said: `${said}.`, remedy: null };
}

export function warning(said: string, remedy: string): DoctorFinding {
  return { outcome: 'warning', said: sentence(said), remedy: sentence(remedy) };
}

export function failed(said: string, remedy: string): DoctorFinding {
  return { outcome: 'failed', said: sentence(said), remedy: sentence(remedy) };
}

/** A quoted message may already end with a full stop. */
function sentence(text: string): string {
  return `${text.replace(/\.$/, '')}.`;
}
