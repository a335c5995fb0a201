import type { CallbackId, TaskId } from '../../../shared/model/ids.ts';

export interface SigningKey {
  /** 32 bytes, from the enrolment. */
  readonly key: Buffer;
  readonly keyId: string;
  readonly taskId: TaskId;
}

/** The sealing context of an attempt's signing key. */
export function signingKeyContext(attemptUuid: string): string {
  return `container_attempt/${attemptUuid}/signing_key`;
}

// The largest installation that is measured has 10,000 containers; the rest is for those that have just ended. A key
// has some 300 bytes.
const MOST_KEYS = 16_384;

type FindSigningKey = (callbackId: CallbackId) => Promise<SigningKey | null>;

/**
 * Finds each key once, because every request of an agent needs its key and a key never changes after the enrolment. A
 * key that was not found is looked for again, because an enrolment may come. The keys used last are kept.
 */
export function rememberSigningKeys(find: FindSigningKey, most = MOST_KEYS): FindSigningKey {
  const known = new Map<CallbackId, SigningKey>();
  return async (callbackId) => {
    const key = known.get(callbackId) ?? (await find(callbackId));
    if (!key) return null;
    // A Map keeps the order of insertion: the first one is the one unused for longest.
    known.delete(callbackId);
    known.set(callbackId, key);
    for (const oldest of known.keys()) {
      if (known.size <= most) break;
      known.delete(oldest);
    }
    return key;
  };
}
