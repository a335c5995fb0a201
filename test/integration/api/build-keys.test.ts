import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import { createBuildValueService } from '../../../controlplane/api/secrets/build-value-service.ts';
import { readBuildKeys } from '../../../controlplane/keys/build-key.ts';
import { BuildKeyring } from '../../../controlplane/keys/build-keyring.ts';
import { createBuildKey, sealBuildValue } from '../../../controlplane/keys/build-values.ts';
import { MasterKeys } from '../../../controlplane/keys/master-keys.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { BUILD_KEY_CONTEXT } from '../../../controlplane/store/secrets/seal-contexts.ts';
import { replaceBuildKey } from '../../../controlplane/store/secrets/sealed-values.ts';
import { readAudit } from '../../../controlplane/store/settings/audit.ts';
import { getSetting, setSetting } from '../../../controlplane/store/settings/settings.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { masterKeyId, rewrap, seal } from '../../../shared/keys/sealing.ts';
import { useTestDatabases } from '../../kit/database/database.ts';

const databases = useTestDatabases();
const [oldMaster, newMaster] = [randomBytes(32), randomBytes(32)];
const AT = new Date('2026-11-28T12:00:00Z');

/** A node, as far as it seals and opens the values of build files. */
async function nodeOn(db: Db, masterKeys = new MasterKeys(oldMaster, [newMaster])): Promise<BuildKeyring> {
  return new BuildKeyring(db, masterKeys, await readBuildKeys(db, masterKeys));
}

describe('the keys of build files', () => {
  it('the newest seals, on every node at once, and what older ones sealed goes on opening', async () => {
    const { db } = await databases.fresh();
    const [one, other] = [await nodeOn(db), await nodeOn(db)];
    const first = await one.seal('first');
    const { id } = await one.rotate(AT);
    const second = await other.seal('second');
    expect(decodeProtectedHeader(second).kid).toBe(id);
    expect(decodeProtectedHeader(first).kid).not.toBe(id);
    const third = await (await nodeOn(db)).seal('third');
    for (const node of [one, other, await nodeOn(db)]) {
      expect(await Promise.all([first, second, third].map((value) => node.open(value)))).toEqual([
        'first',
        'second',
        'third',
      ]);
    }
  });

  it('a node opens what was sealed with a key that it has not seen yet', async () => {
    const { db } = await databases.fresh();
    const [one, other] = [await nodeOn(db), await nodeOn(db)];
    await one.rotate(AT);
    expect(await other.open(await one.seal('new'))).toBe('new');
  });

  it('one that the installation does not have is named', async () => {
    const { db } = await databases.fresh();
    const foreign = await sealBuildValue(createBuildKey().publicKey, 'x');
    await expect((await nodeOn(db)).open(foreign)).rejects.toThrow(
      `sealed with the key ${decodeProtectedHeader(foreign).kid}, which this installation does not have`,
    );
  });

  it('the one that an installation has from before stays, with all that it sealed', async () => {
    const { db } = await databases.fresh();
    const { privateKey, publicKey } = createBuildKey();
    await setSetting(db, 'buildKey', seal(oldMaster, JSON.stringify({ privateKey, publicKey }), BUILD_KEY_CONTEXT));
    const node = await nodeOn(db);
    const value = await sealBuildValue(publicKey, 'old');
    const lasting = node.lastingSecret;
    await node.rotate(AT);
    await node.rotate(AT);
    expect(await node.open(value)).toBe('old');
    // Orders are told apart by digests under it, so it must not change.
    expect(node.lastingSecret).toBe(lasting);
    expect((await nodeOn(db)).lastingSecret).toBe(lasting);
    expect((await node.publicKeys()).map(({ createdAt }) => createdAt)).toEqual([
      AT.toISOString(),
      AT.toISOString(),
      null,
    ]);
  });

  it('made by several nodes at once are all kept', async () => {
    const { db } = await databases.fresh();
    const nodes = await Promise.all(Array.from({ length: 4 }, () => nodeOn(db)));
    const made = await Promise.all(nodes.map((node) => node.rotate(AT)));
    const kept = (await nodes[0]!.publicKeys()).map(({ id }) => id);
    expect(kept).toHaveLength(5);
    expect(kept).toEqual(expect.arrayContaining(made.map(({ id }) => id)));
  });

  it('stay under the master key of the installation, though the node that makes one has not followed it yet', async () => {
    const { db } = await databases.fresh();
    const late = new MasterKeys(oldMaster, [newMaster]);
    const node = await nodeOn(db, late);
    const stored = String(await getSetting(db, 'buildKey'));
    await replaceBuildKey(db, stored, rewrap(new MasterKeys(newMaster, [oldMaster]), stored, BUILD_KEY_CONTEXT));
    await node.rotate(AT);
    const { rows } = await sql<{ key: string }>`
      SELECT split_part(value #>> '{}', '.', 2) AS key FROM setting WHERE name = 'buildKey'`.execute(db);
    expect(rows).toEqual([{ key: masterKeyId(newMaster) }]);
    expect(await readBuildKeys(db, new MasterKeys(newMaster, []))).toHaveLength(2);
  });

  it('are published as a key set without a private part, and a new one is in the audit', async () => {
    const { db } = await databases.fresh();
    const service = createBuildValueService({ db, buildKeys: await nodeOn(db), clock: systemClock });
    const { keys } = await service.rotateBuildKey('ann');
    expect(keys).toHaveLength(2);
    expect(keys[0]).toMatchObject({ kty: 'EC', crv: 'P-256', use: 'enc', alg: 'ECDH-ES' });
    expect(keys.some((key) => 'd' in key)).toBe(false);
    expect(await service.publicKeys()).toEqual({ keys });
    expect(decodeProtectedHeader(await service.seal('x')).kid).toBe(keys[0]?.kid);
    expect(await service.publicKey()).toContain('BEGIN PUBLIC KEY');
    const [entry] = await readAudit(db, { limit: 1 });
    expect(entry).toMatchObject({ actor: 'ann', action: 'rotate', subject: 'build-key', detail: { to: keys[0]?.kid } });
  });
});
