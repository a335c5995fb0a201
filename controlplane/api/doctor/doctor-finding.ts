import type { DoctorCheck } from './doctor-views.ts';

/** What a check has found. */
export type DoctorFinding = Pick<DoctorCheck, 'outcome' | 'message' | 'remedy'>;

// A person waits for the answer, and a part that has not answered by then is broken for a node as well.
export const CHECK_TIMEOUT_MS = 10_000;

export function ok(message: string): DoctorFinding {
  return { outcome: 'ok', message: `${message}.`, remedy: null };
}

export function warning(message: string, remedy: string): DoctorFinding {
  return { outcome: 'warning', message: sentence(message), remedy: sentence(remedy) };
}

export function failed(message: string, remedy: string): DoctorFinding {
  return { outcome: 'failed', message: sentence(message), remedy: sentence(remedy) };
}

/** A quoted message may already end with a full stop. */
function sentence(text: string): string {
  return `${text.replace(/\.$/, '')}.`;
}
