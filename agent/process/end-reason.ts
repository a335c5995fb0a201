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

/**
 * Decides why a process is over, as far as the evidence goes. For want of memory the kernel rarely kills the command
 * itself: it kills a compiler, after which make ends with 2 and npm with 1. So a command that failed while the kernel
 * killed something failed for want of memory. A command that succeeded all the same did not need what was killed.
 */
export function endReason(evidence: EndEvidence): ProcessEndReason {
  const hasFailed = evidence.signal === 'SIGKILL' || (evidence.exitCode ?? 0) !== 0;
  if (evidence.stopCause === null && hasFailed && !evidence.wasCancelled && evidence.oomKills > 0) return 'oom';
  if (evidence.stopCause !== null) return evidence.stopCause;
  if (evidence.wasCancelled) return 'cancelled';
  return evidence.signal === null ? 'exited' : 'killed';
}
