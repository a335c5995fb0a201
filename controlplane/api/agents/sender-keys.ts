import { LRUCache } from 'lru-cache';
import type { CallbackId, TaskId } from '../../../shared/model/ids.ts';

export interface SigningKey {
  /** 32 bytes, from the enrolment. */
  readonly key: Buffer;
  readonly keyId: string;
  readonly taskId: TaskId;
}

/** How a container without an agent proves itself: by HTTP Basic, with a user and a secret of its own. */
export interface BasicKey {
  readonly user: string;
  /** Hex SHA-256 of the secret. */
  readonly secretSha256: string;
  readonly taskId: TaskId;
}

/** A container has one of the two for its whole life. A container with a signing key cannot use a password instead. */
export type SenderKey = SigningKey | BasicKey;

export function isSigningKey(key: SenderKey): key is SigningKey {
  return 'key' in key;
}

// The largest measured installation has 10,000 containers; the rest is for containers that have just ended. A key has some 300
// bytes.
const MOST_KEYS = 16_384;

type FindSenderKey = (callbackId: CallbackId) => Promise<SenderKey | null>;

/**
 * Looks each key up once, because every request of an agent needs its key and a key never changes after the enrolment. A missing
 * key is looked up again, because the container may enrol later. Only the keys used last are kept.
 */
export function rememberSenderKeys(find: FindSenderKey, most = MOST_KEYS): FindSenderKey {
  const known = new LRUCache<CallbackId, SenderKey>({ max: most });
  return async (callbackId) => {
    const kept = known.get(callbackId);
    if (kept) return kept;
    const key = await find(callbackId);
    if (key) known.set(callbackId, key);
    return key;
  };
}
