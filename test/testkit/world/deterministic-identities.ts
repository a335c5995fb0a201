import { AttemptUuid, CallbackId } from '../../../shared/model/ids.ts';
import type { Identities } from '../../../controlplane/engine/identities.ts';

const CALLBACK_CHARACTERS = 86;
const KEYS = { privateKey: 'simulated', publicLine: 'ssh-ed25519 simulated' } as const;

/** Names that are the same in every run: they count. Keys are no keys, because no connection is made. */
export function deterministicIdentities(): Identities {
  let tasks = 0;
  let attempts = 0;
  let reports = 0;
  return {
    taskUuid: () => uuidOf('1', (tasks += 1)),
    reportNonce: () => String((reports += 1)),
    enrolmentSecret: (attempt) => `secret-of-${attempt}`,
    attempt() {
      attempts += 1;
      const callbackId = CallbackId.parse(`simulated-${attempts}`.padEnd(CALLBACK_CHARACTERS, '-'));
      const uuid = AttemptUuid.parse(uuidOf('2', attempts));
      return { uuid, callbackId, keys: KEYS, signalSecret: `signal-secret-of-${uuid}` };
    },
  };
}

/** Returns a UUID of version 4 in form. `kind` tells tasks from attempts. */
function uuidOf(kind: string, number: number): string {
  return `${kind.repeat(8)}-0000-4000-8000-${String(number).padStart(12, '0')}`;
}
