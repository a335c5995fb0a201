import { sealingKeyIdOf } from '../../shared/keys/sealing.ts';
import type { Db } from '../store/schema.ts';
import { countSealed } from '../store/secrets/sealed-values.ts';
import { getSetting } from '../store/settings/settings.ts';
import { keyMissing, type MasterKeys } from './master-keys.ts';

/**
 * The installation seals with the key that wraps this setting. It is one row, so a rotation switches at one instant.
 */
export const SEALING_SETTING = 'buildKey';

/** Returns the id of the key that the installation seals with; null before its first start. */
export async function readSealingKeyId(db: Db): Promise<string | null> {
  const stored = await getSetting(db, SEALING_SETTING);
  return typeof stored === 'string' ? sealingKeyIdOf(stored) : null;
}

/** Seals with the installation's key from now on. Throws MASTER_KEY_MISSING when the node does not have it. */
export async function followSealingKey(db: Db, keys: MasterKeys): Promise<void> {
  const id = await readSealingKeyId(db);
  if (id !== null) keys.sealWith(id);
}

export interface Keyring {
  readonly keys: MasterKeys;
  /** The names that sealedOptionsOf returns. */
  readonly sealedOptions: readonly string[];
}

/**
 * Throws MASTER_KEY_MISSING when something is sealed with a key that this node does not have: the node would fail the
 * tasks that need it.
 */
export async function requireAllKeys(db: Db, { keys, sealedOptions }: Keyring): Promise<void> {
  for (const { keyId, values } of await countSealed(db, sealedOptions)) {
    if (keys.ids.includes(keyId)) continue;
    const what = values === 1 ? 'One value is' : `${values} values are`;
    throw keyMissing(keyId, `${what} sealed with it, as after a rotation that is not finished`);
  }
}
