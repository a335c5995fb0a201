import { openSealed, seal, type MasterKey } from '../../shared/support/sealing.ts';
import type { Db } from '../store/schema.ts';
import { BUILD_KEY_CONTEXT } from '../store/secrets/seal-contexts.ts';
import { addSetting, getSetting } from '../store/settings/settings.ts';
import { createBuildKey, type BuildKey } from './build-values.ts';

/**
 * Returns the installation's key for `secure:` values. The first start makes it. When two nodes start at once, the key
 * of the later one is thrown away.
 */
export async function readBuildKey(db: Db, masterKey: MasterKey): Promise<BuildKey> {
  const stored = await getSetting(db, 'buildKey');
  if (typeof stored === 'string') return JSON.parse(openSealed(masterKey, stored, BUILD_KEY_CONTEXT)) as BuildKey;
  await addSetting(db, 'buildKey', seal(masterKey.reveal(), JSON.stringify(createBuildKey()), BUILD_KEY_CONTEXT));
  return readBuildKey(db, masterKey);
}
