import { createSshKeyPair, type SshKeyPair } from '../../shared/support/ssh-key.ts';

/** The agent's SSH host key: made at start, only in memory, so that it dies with the container. */
export function createHostKey(): SshKeyPair {
  return createSshKeyPair();
}
