import type { InteractionResult } from './check-result-status.ts';
import type { SshOutcome } from '../agent-access.ts';

/** Translates the result of a call to the agent into the values of checkResultStatus. */
export function interactionResult(outcome: SshOutcome<unknown>): InteractionResult {
  if (outcome.kind === 'ok') return 'success';
  // Such an agent is ending its container. Its last words will say why, and whose error that is.
  if (outcome.kind === 'agent-refused') return outcome.code === 'AGENT_STOPPING' ? 'wait' : 'fail';
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

/** Results that teach nothing yet: the same call may succeed later. The witnesses decide when that is too late. */
export function isUnanswered(result: unknown): boolean {
  return result === 'uninitialized' || result === 'ssh_fail';
}

/** Results that suggest a person in the middle: another host key than the pinned one, or a server that refuses ours. */
export function isAlarming(outcome: SshOutcome<unknown>): boolean {
  return outcome.kind === 'ssh-failed' && (outcome.code === 'SSH_HOST_KEY' || outcome.code === 'SSH_AUTH');
}
