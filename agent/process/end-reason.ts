import type { StopCause } from '../../shared/model/stop-cause.ts';
import type { ProcessEndReason } from '../../shared/protocol/signals.ts';

export interface EndEvidence {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Why the agent was ending everything when the process ended. */
  readonly stopCause: StopCause | null;
  /** Whether somebody asked over the agent API to end this process. */
  readonly wasCancelled: boolean;
  /** By how much the kernel's counter of out-of-memory kills grew while the process ran. */
  readonly oomKills: number;
}

// 128 + SIGKILL: how a shell reports that its last command was killed.
const SHELL_CODE_OF_KILL = 137;

/** Why a process is over, as far as the evidence goes. */
export function endReason(evidence: EndEvidence): ProcessEndReason {
  const wasKilled = evidence.signal === 'SIGKILL' || evidence.exitCode === SHELL_CODE_OF_KILL;
  if (evidence.stopCause === null && wasKilled && evidence.oomKills > 0) return 'oom';
  if (evidence.stopCause !== null) return evidence.stopCause;
  if (evidence.wasCancelled) return 'cancelled';
  return evidence.signal === null ? 'exited' : 'killed';
}
