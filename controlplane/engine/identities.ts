import { randomBytes, randomUUID } from 'node:crypto';
import { AttemptUuid, CallbackId } from '../../shared/model/ids.ts';
import type { MasterKey } from '../../shared/keys/sealing.ts';
import { enrolmentSecret } from '../../shared/keys/signing.ts';
import { createSshKeyPair } from '../../shared/keys/ssh-key.ts';

/** The random values of one container attempt. */
interface AttemptIdentity {
  readonly uuid: AttemptUuid;
  /** The address of its signals. */
  readonly callbackId: CallbackId;
  /** The attempt's secret of HTTP Basic, if its image has no agent. */
  readonly signalSecret: string;
  /** The control plane's SSH keys for this container. */
  readonly keys: { readonly privateKey: string; readonly publicLine: string };
}

/** Makes the random values that name tasks and attempts. The test kit gives the same ones each time. */
export interface Identities {
  taskUuid(): string;
  attempt(): AttemptIdentity;
  /** Returns a random text that makes each report about a task unique. */
  reportNonce(): string;
  /** Returns the secret with which the agent of this attempt enrols; the same one each time. */
  enrolmentSecret(attempt: string): string;
}

export function createIdentities(masterKey: MasterKey): Identities {
  return {
    taskUuid: () => randomUUID(),
    attempt: () => ({
      uuid: AttemptUuid.parse(randomUUID()),
      // 64 bytes are 86 url-safe characters.
      callbackId: CallbackId.parse(randomBytes(64).toString('base64url')),
      signalSecret: randomBytes(32).toString('base64url'),
      keys: createSshKeyPair(),
    }),
    reportNonce: () => randomUUID(),
    enrolmentSecret: (attempt) => enrolmentSecret(masterKey.reveal(), attempt),
  };
}
