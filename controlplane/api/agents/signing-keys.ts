import { LRUCache } from 'lru-cache';
import type { CallbackId, TaskId } from '../../../shared/model/ids.ts';

export interface SigningKey {
  /** 32 bytes, from the enrolment. */
  readonly key: Buffer;
  readonly keyId: string;
  readonly taskId: TaskId;
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
  const known = new LRUCache<CallbackId, SigningKey>({ max: most });
  return async (callbackId) => {
    const kept = known.get(callbackId);
    if (kept) return kept;
    const key = await find(callbackId);
    if (key) known.set(callbackId, key);
    return key;
  };
}
