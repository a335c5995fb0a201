import { readBuildKeys } from '../keys/build-key.ts';
import { BuildKeyring } from '../keys/build-keyring.ts';
import type { MasterKeys } from '../keys/master-keys.ts';
import { followSealingKey, requireAllKeys, type Keyring } from '../keys/sealing-key.ts';
import type { Db } from '../store/schema.ts';
import type { ClassVersion } from '../tasks/checks/class-versions.ts';
import { readInstallationId } from '../store/settings/settings.ts';
import { noteCopiedDatabase } from '../store/operation/copied-database.ts';
import type { JoinedDatabase } from '../store/operation/joined-database.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Log } from '../../shared/system/log.ts';
import { Namesake } from './namesake.ts';
import { announceNode, type NodePresence } from './node-presence.ts';

/** The installation as one of its nodes knows it. */
export interface Installation {
  readonly id: string;
  readonly keyring: Keyring;
  readonly buildKeys: BuildKeyring;
  readonly presence: Pick<NodePresence, 'node' | 'keys' | 'namesake' | 'joined' | 'db'>;
}

export interface JoiningNode {
  readonly db: Db;
  readonly leaseDb: Db;
  readonly joined: JoinedDatabase;
  readonly name: string;
  readonly version: string;
  readonly keys: MasterKeys;
  readonly sealedOptions: readonly string[];
  readonly classes: readonly ClassVersion[];
  readonly clock: Clock;
  readonly log: Log;
}

/** Takes the key that the installation seals with, and becomes one of its nodes. Throws MASTER_KEY_MISSING. */
export async function joinInstallation(joining: JoiningNode): Promise<Installation> {
  const { db, leaseDb, joined, name, version, keys, sealedOptions, classes, clock, log } = joining;
  const copied = await noteCopiedDatabase(db, clock.now());
  if (copied) {
    log.warn(
      { ...copied },
      'this database is a copy: containers that no task of it owns are only reported until "wipctl ecs confirm-restore"',
    );
  }
  await joined.join(db);
  await followSealingKey(db, keys);
  const buildKeys = new BuildKeyring(db, keys, await readBuildKeys(db, keys));
  const presence = { node: { name, version, classes }, keys, namesake: new Namesake(clock), joined, db: leaseDb };
  const keyring = { keys, sealedOptions };
  await announceNode(presence);
  await requireAllKeys(db, keyring);
  return { id: await readInstallationId(db), keyring, buildKeys, presence };
}
