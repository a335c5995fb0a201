import { z } from 'zod';
import { openSealed, seal, sealingKeyIdOf, type MasterKey } from '../../shared/keys/sealing.ts';
import type { Db } from '../store/schema.ts';
import { BUILD_KEY_CONTEXT } from '../store/secrets/seal-contexts.ts';
import { replaceBuildKey } from '../store/secrets/sealed-values.ts';
import { addSetting, getSetting } from '../store/settings/settings.ts';
import { createBuildKey, type BuildKey } from './build-values.ts';
import type { MasterKeys } from './master-keys.ts';
import { SEALING_SETTING } from './sealing-key.ts';

const OneKey = z.object({ privateKey: z.string(), publicKey: z.string(), createdAt: z.iso.datetime().optional() });
/** The newest key stands as the only one did before there were several, so that nodes of that version read it. */
const StoredKeys = OneKey.extend({ older: z.array(OneKey).optional() });

/** Newest first. */
export type BuildKeys = readonly [BuildKey, ...BuildKey[]];

/**
 * Returns the installation's keys for `secure:` values. The first start makes one. When two nodes start at once, the key
 * of the later one is thrown away.
 */
export async function readBuildKeys(db: Db, masterKey: MasterKey): Promise<BuildKeys> {
  return openKeys(masterKey, await readStored(db, masterKey));
}

/** Makes a key that seals from now on; the older ones go on opening. Returns all, the new one first. */
export async function addBuildKey(db: Db, masterKeys: MasterKeys, at: Date): Promise<BuildKeys> {
  const made = { ...createBuildKey(), createdAt: at.toISOString() };
  // Another node may make a key at the same time, or rotate the master key: each goes on from what the other has written.
  for (;;) {
    const stored = await readStored(db, masterKeys);
    const older = openKeys(masterKeys, stored);
    // This row names the master key that the installation seals with, so it is put under no other one here.
    const masterKeyId = sealingKeyIdOf(stored);
    if (masterKeyId !== null) masterKeys.sealWith(masterKeyId);
    const replacement = seal(masterKeys.reveal(), JSON.stringify({ ...made, older }), BUILD_KEY_CONTEXT);
    if ((await replaceBuildKey(db, stored, replacement)) === 'replaced') return [made, ...older];
  }
}

async function readStored(db: Db, masterKey: MasterKey): Promise<string> {
  const stored = await getSetting(db, SEALING_SETTING);
  if (typeof stored === 'string') return stored;
  await addSetting(db, SEALING_SETTING, seal(masterKey.reveal(), JSON.stringify(createBuildKey()), BUILD_KEY_CONTEXT));
  return readStored(db, masterKey);
}

function openKeys(masterKey: MasterKey, stored: string): BuildKeys {
  const { older = [], ...newest } = StoredKeys.parse(JSON.parse(openSealed(masterKey, stored, BUILD_KEY_CONTEXT)));
  return [newest, ...older];
}
