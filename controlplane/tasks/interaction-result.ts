import type { InteractionResult } from './check-result-status.ts';
import type { SshOutcome } from './context.ts';

/** What one conversation with the agent says about it, in the words of checkResultStatus. */
export function interactionResult(outcome: SshOutcome<unknown>): InteractionResult {
  if (outcome.kind === 'ok') return 'success';
  if (outcome.kind === 'agent-refused') return 'fail';
  switch (outcome.code) {
    case 'SSH_REFUSED':
    case 'SSH_KEY_EXCHANGE': // closed before any banner: a proxy that is up before the server behind it
      return 'uninitialized';
    case 'SSH_AUTH':
    case 'SSH_HOST_KEY':
      return 'fail';
    default:
      return 'ssh_fail';
  }
}

/** Nothing is known of it yet, and the same question may be answered later; the witnesses say when that is too late. */
export function isUnanswered(result: unknown): boolean {
  return result === 'uninitialized' || result === 'ssh_fail';
}

/** Another key than the pinned one, or one that refuses ours: somebody may be in between. */
export function isAlarming(outcome: SshOutcome<unknown>): boolean {
  return outcome.kind === 'ssh-failed' && (outcome.code === 'SSH_HOST_KEY' || outcome.code === 'SSH_AUTH');
}
