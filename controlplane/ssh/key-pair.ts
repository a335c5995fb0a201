import { createSshKeyPair, type SshKeyPair } from '../../shared/support/ssh-key.ts';

/** The control plane's key for one container attempt; the caller seals the private half before it is stored. */
export function createClientKeyPair(): SshKeyPair {
  return createSshKeyPair();
}
