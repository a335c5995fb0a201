import { openSealed, seal, sealingKeyIdOf, type MasterKey } from '../../shared/support/sealing.ts';
import type { Db } from '../store/schema.ts';
import { BUILD_KEY_CONTEXT } from '../store/secrets/seal-contexts.ts';
import { countSealed } from '../store/secrets/sealed-values.ts';
import { addSetting, getSetting } from '../store/settings/settings.ts';
import { createBuildKey, type BuildKey } from './build-values.ts';
import { keyMissing, type MasterKeys } from './master-keys.ts';

/**
 * The installation seals with the key that wraps this setting. It is one row, so a rotation switches at one instant.
 */
export const SEALING_SETTING = 'buildKey';

/**
 * Returns the installation's key for `secure:` values. The first start makes it. When two nodes start at once, the key
 * of the later one is thrown away.
 */
export async function readBuildKey(db: Db, masterKey: MasterKey): Promise<BuildKey> {
  const stored = await getSetting(db, SEALING_SETTING);
  if (typeof stored === 'string') return JSON.parse(openSealed(masterKey, stored, BUILD_KEY_CONTEXT)) as BuildKey;
  await addSetting(db, SEALING_SETTING, seal(masterKey.reveal(), JSON.stringify(createBuildKey()), BUILD_KEY_CONTEXT));
  return readBuildKey(db, masterKey);
}

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
