import { openSealed, seal, type MasterKey } from '../../shared/support/sealing.ts';
import type { Db } from '../store/schema.ts';
import { addSetting, getSetting } from '../store/settings/settings.ts';
import { createBuildKey, type BuildKey } from './build-values.ts';

export const BUILD_KEY_CONTEXT = 'setting/buildKey';

/** The installation's key for `secure:` values. Made with the first start; of two nodes that start at once the later one's key is thrown away. */
export async function readBuildKey(db: Db, masterKey: MasterKey): Promise<BuildKey> {
  const stored = await getSetting(db, 'buildKey');
  if (typeof stored === 'string') return JSON.parse(openSealed(masterKey, stored, BUILD_KEY_CONTEXT)) as BuildKey;
  await addSetting(db, 'buildKey', seal(masterKey.reveal(), JSON.stringify(createBuildKey()), BUILD_KEY_CONTEXT));
  return readBuildKey(db, masterKey);
}
