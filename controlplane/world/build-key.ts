import type { Secret } from '../../shared/support/secret.ts';
import { seal, unseal } from '../../shared/support/sealing.ts';
import type { Db } from '../store/schema.ts';
import { addSetting, getSetting } from '../store/settings/settings.ts';
import { createBuildKey, type BuildKey } from './build-values.ts';

const PLACE = 'setting/buildKey';

/** The installation's key for `secure:` values. Made with the first start; of two nodes that start at once the later one's key is thrown away. */
export async function readBuildKey(db: Db, masterKey: Secret<Buffer>): Promise<BuildKey> {
  const stored = await getSetting(db, 'buildKey');
  if (typeof stored === 'string') return JSON.parse(unseal(masterKey.reveal(), stored, PLACE)) as BuildKey;
  await addSetting(db, 'buildKey', seal(masterKey.reveal(), JSON.stringify(createBuildKey()), PLACE));
  return readBuildKey(db, masterKey);
}
