import type { ExitStatus } from '../../shared/model/status.ts';

/** A single failure may be a lost machine. Two in a row are a chain that is broken (ours). */
const ALARMING_FAILURES = 2;

export interface CanaryHealth {
  /** Ends without success since the last success. */
  readonly failuresInARow: number;
  readonly isAlarming: boolean;
}

/** Judges the ends of canaries, the newest first. One that a person terminated says nothing. */
export function decideCanaryHealth(ends: readonly { readonly exitStatus: ExitStatus }[]): CanaryHealth {
  const telling = ends.filter(({ exitStatus }) => exitStatus !== 'TERMINATED');
  const firstSuccess = telling.findIndex(({ exitStatus }) => exitStatus === 'COMPLETED' || exitStatus === 'WARNING');
  const failuresInARow = firstSuccess < 0 ? telling.length : firstSuccess;
  return { failuresInARow, isAlarming: failuresInARow >= ALARMING_FAILURES };
}
