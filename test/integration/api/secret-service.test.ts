import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import {
  clientKeyContext,
  optionContext,
  requestContext,
  signingKeyContext,
} from '../../../controlplane/store/secrets/seal-contexts.ts';
import { EcsClusterStore } from '../../../controlplane/store/clusters/ecs-cluster-store.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { SEALED_COLUMNS } from '../../../controlplane/store/secrets/sealed-values.ts';
import { readAudit } from '../../../controlplane/store/settings/audit.ts';
import { heartbeatNode } from '../../../controlplane/store/settings/nodes.ts';
import { readBuildKeys } from '../../../controlplane/keys/build-key.ts';
import { MasterKeys } from '../../../controlplane/keys/master-keys.ts';
import { Namesake } from '../../../controlplane/node/namesake.ts';
import { announceNode } from '../../../controlplane/node/node-presence.ts';
import { createSecretService, type SecretServiceDeps } from '../../../controlplane/api/secrets/secret-service.ts';
import { followSealingKey, requireAllKeys } from '../../../controlplane/keys/sealing-key.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { masterKeyId, openSealed, seal } from '../../../shared/keys/sealing.ts';
import { Secret } from '../../../shared/keys/secret.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { contentOf } from '../../kit/database/dump.ts';
import { launchAttempt, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();
const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
const [oldId, newId] = [masterKeyId(oldKey), masterKeyId(newKey)];
const both = (): MasterKeys => new MasterKeys(newKey, [oldKey]);
const SEALED_OPTIONS = ['Basic/token', 'Basic/variables'];
const CLUSTER = { region: 'r', cluster: 'c', accessKeyId: 'AKIA', roleArn: null, endpoint: null, launch: {} };
const TASKS = 3;

/** Fills a database with a value for each sealed column, under the old key. `check` opens all of them with a key. */
async function sealedUnderOldKey(db: Db): Promise<{ check: (key: Buffer) => Promise<void> }> {
  const buildKey = await readBuildKeys(db, new Secret(oldKey));
  await new EcsClusterStore(db, new Secret(oldKey)).save({
    name: 'a',
    ...CLUSTER,
    secretAccessKey: new Secret('secret of a'),
  });
  for (let number = 0; number < TASKS; number += 1) {
    const task = await startedTask(db);
    const { uuid, id, launchKey } = await launchAttempt(db, task);
    const option = (name: string): string => seal(oldKey, `${name} ${task.uuid}`, optionContext(task.uuid, name));
    const options = {
      token: option('token'),
      variables: option('variables'),
      plain: 'x',
      looksSealed: 'wip1.00000000.AA.AA',
    };
    await sql`UPDATE task SET options = ${JSON.stringify(options)}::jsonb WHERE id = ${task.id}`.execute(db);
    await sql`UPDATE container_attempt SET client_key_sealed = ${seal(oldKey, `client ${uuid}`, clientKeyContext(uuid))},
      signing_key_sealed = ${seal(oldKey, `signing ${uuid}`, signingKeyContext(uuid))} WHERE id = ${id}`.execute(db);
    const request = seal(oldKey, `request ${launchKey}`, requestContext(launchKey ?? ''));
    await sql`UPDATE effect SET request = ${request} WHERE key = ${launchKey}`.execute(db);
  }
  return {
    async check(key) {
      const secret = new Secret(key);
      expect(await readBuildKeys(db, secret)).toEqual(buildKey);
      expect((await new EcsClusterStore(db, secret).load('a')).secretAccessKey?.reveal()).toBe('secret of a');
      const tasks = await db.selectFrom('task').selectAll().orderBy('id').execute();
      expect(tasks).toHaveLength(TASKS);
      for (const { uuid, options } of tasks) {
        for (const name of ['token', 'variables']) {
          expect(openSealed(secret, String(options[name]), optionContext(uuid, name))).toBe(`${name} ${uuid}`);
        }
        expect(options).toMatchObject({ plain: 'x', looksSealed: 'wip1.00000000.AA.AA' });
      }
      for (const { uuid, clientKeySealed, signingKeySealed } of await db
        .selectFrom('containerAttempt')
        .selectAll()
        .execute()) {
        expect(openSealed(secret, clientKeySealed ?? '', clientKeyContext(uuid))).toBe(`client ${uuid}`);
        expect(openSealed(secret, signingKeySealed ?? '', signingKeyContext(uuid))).toBe(`signing ${uuid}`);
      }
      for (const { key: effect, request } of await db.selectFrom('effect').selectAll().execute()) {
        expect(openSealed(secret, request, requestContext(effect))).toBe(`request ${effect}`);
      }
    },
  };
}

function depsOf(db: Db, changes: Partial<SecretServiceDeps> = {}): SecretServiceDeps {
  return {
    db,
    keys: both(),
    sealedOptions: SEALED_OPTIONS,
    nodeLiveSeconds: 35,
    methodSeconds: 0,
    clock: systemClock,
    failpoint: () => Promise.resolve(),
    ...changes,
  };
}

const nodeOf = (db: Db, name: string, keys: MasterKeys) => ({
  db,
  keys,
  node: { name, version: '1.0.0' },
  namesake: new Namesake(systemClock),
});

describe('a rotation of the master key', () => {
  it('brings every sealed value under the new key, and opens none of them', async () => {
    const { db } = await databases.fresh();
    const { check } = await sealedUnderOldKey(db);
    const values = async (): Promise<string[]> =>
      [...JSON.stringify(await contentOf(db)).matchAll(/wip1\.[0-9a-f]{8}\.[\w-]+\.([\w-]+)/g)]
        .map(([, value]) => value ?? '')
        .sort();
    const before = await values();
    const deps = depsOf(db);
    await announceNode(nodeOf(db, 'a', deps.keys));
    const first = await createSecretService(deps).rotateSecrets(newId, 'ann');
    expect(first).toMatchObject({ sealingWith: newId, rewrapped: TASKS * 5 + 1 });
    expect(first.keys).toEqual([{ id: newId, values: TASKS * 5 + 2 }]);
    await check(newKey);
    expect(await values()).toEqual(before);
    expect(JSON.stringify(await contentOf(db))).not.toContain(`wip1.${oldId}.`);
    expect(await readAudit(db, { limit: 9 })).toMatchObject([
      { actor: 'ann', action: 'rotate', subject: 'master-key', detail: { from: oldId, to: newId } },
    ]);
  });

  it('says that the old key can be removed when every node seals with the new one and nothing is left under the old', async () => {
    const { db } = await databases.fresh();
    await sealedUnderOldKey(db);
    const [a, b] = [nodeOf(db, 'a', both()), nodeOf(db, 'b', new MasterKeys(oldKey, [newKey]))];
    await announceNode(a);
    await announceNode(b);
    const secrets = createSecretService(depsOf(db, { keys: a.keys }));
    expect(await secrets.readSecrets()).toMatchObject({ target: newId, sealingWith: oldId, isDone: false });
    const started = await secrets.rotateSecrets(newId, 'ann');
    expect(started).toMatchObject({
      isDone: false,
      waitingFor: ['node a, which has not switched yet', 'node b, which has not switched yet'],
    });
    await announceNode(a);
    await announceNode(b);
    expect(await secrets.rotateSecrets(newId, 'ann')).toMatchObject({ isDone: true, waitingFor: [], rewrapped: 0 });
    // A node may still be saving a value that it sealed before, so it is trusted only after the longest method has
    // ended.
    const slow = createSecretService(depsOf(db, { keys: a.keys, methodSeconds: 3_600 }));
    expect((await slow.readSecrets()).waitingFor).toEqual(
      ['a', 'b'].map((name) => `what node ${name} sealed before it switched`),
    );
  });

  it('is refused while a node does not have the new key, and then nothing is changed', async () => {
    const { db } = await databases.fresh();
    const { check } = await sealedUnderOldKey(db);
    await announceNode(nodeOf(db, 'a', both()));
    await announceNode(nodeOf(db, 'b', new MasterKeys(oldKey, [])));
    await heartbeatNode(db, { name: 'of the version before', version: '0.1.0' });
    await expect(createSecretService(depsOf(db)).rotateSecrets(newId, 'ann')).rejects.toMatchObject({
      code: 'MASTER_KEY_NOT_EVERYWHERE',
      message: expect.stringContaining('b, of the version before') as string,
    });
    await expect(
      createSecretService(depsOf(db, { keys: new MasterKeys(oldKey, []) })).rotateSecrets(newId, 'ann'),
    ).rejects.toMatchObject({ code: 'MASTER_KEY_NOT_EVERYWHERE' });
    await check(oldKey);
  });

  it('that is killed at any point of it loses nothing, and goes on when it is run again', async () => {
    for (let count = 1; ; count += 1) {
      const { db } = await databases.fresh(4);
      const { check } = await sealedUnderOldKey(db);
      let passed = 0;
      const failpoint = (): Promise<void> => {
        passed += 1;
        return passed === count ? Promise.reject(new Error('killed')) : Promise.resolve();
      };
      const outcome = await createSecretService(depsOf(db, { failpoint }))
        .rotateSecrets(newId, 'ann')
        .then(
          () => 'finished',
          () => 'killed',
        );
      // A node that starts now with both keys opens everything.
      const keys = both();
      await followSealingKey(db, keys);
      await requireAllKeys(db, { keys, sealedOptions: SEALED_OPTIONS });
      await createSecretService(depsOf(db, { keys })).rotateSecrets(newId, 'ann');
      await check(newKey);
      if (outcome === 'finished') return expect(count).toBeGreaterThan(2 * 6);
    }
  });

  it('does not undo what somebody else wrote meanwhile, and waits for no lock', async () => {
    const { db } = await databases.fresh();
    await sealedUnderOldKey(db);
    const other = new Secret('another secret');
    // The other write comes after the secrets of clusters were read, and before they are replaced.
    const clusters = SEALED_COLUMNS.indexOf('clusterSecret') + 1;
    let pages = 0;
    const failpoint = async (name: string): Promise<void> => {
      if (name !== 'before-rewrap') return;
      pages += 1;
      if (pages !== clusters) return;
      await new EcsClusterStore(db, new Secret(oldKey)).save({ name: 'a', ...CLUSTER, secretAccessKey: other });
    };
    const held = db.transaction().execute(async (tx) => {
      await sql`SELECT FROM task WHERE id = (SELECT min(id) FROM task) FOR UPDATE`.execute(tx);
      const secrets = createSecretService(depsOf(db, { failpoint }));
      const meanwhile = await secrets.rotateSecrets(newId, 'ann');
      expect(meanwhile.keys).toEqual(expect.arrayContaining([{ id: oldId, values: 3 }]));
      return secrets;
    });
    const secrets = await held;
    expect(await secrets.rotateSecrets(newId, 'ann')).toMatchObject({ rewrapped: 3, keys: [{ id: newId }] });
    expect((await new EcsClusterStore(db, new Secret(newKey)).load('a')).secretAccessKey?.reveal()).toBe(
      other.reveal(),
    );
  });
});

describe('a node', () => {
  it('seals with the key of the installation, whichever of its keys is the first', async () => {
    const { db } = await databases.fresh();
    await sealedUnderOldKey(db);
    const keys = both();
    expect(keys.sealingId).toBe(newId);
    await followSealingKey(db, keys);
    expect(keys.sealingId).toBe(oldId);
    await createSecretService(depsOf(db)).rotateSecrets(newId, 'ann');
    await followSealingKey(db, keys);
    expect(keys.sealingId).toBe(newId);
  });

  it('that lacks the key of the installation, or one that still seals something, does not start', async () => {
    const { db } = await databases.fresh();
    await sealedUnderOldKey(db);
    const onlyNew = new MasterKeys(newKey, []);
    await expect(followSealingKey(db, onlyNew)).rejects.toMatchObject({ code: 'MASTER_KEY_MISSING' });
    const failpoint = (name: string): Promise<void> =>
      name === 'after-key-switch' ? Promise.reject(new Error('killed')) : Promise.resolve();
    await expect(createSecretService(depsOf(db, { failpoint })).rotateSecrets(newId, 'ann')).rejects.toThrow('killed');
    await followSealingKey(db, onlyNew);
    await expect(requireAllKeys(db, { keys: onlyNew, sealedOptions: SEALED_OPTIONS })).rejects.toMatchObject({
      code: 'MASTER_KEY_MISSING',
      message: expect.stringContaining(`the master key ${oldId}. ${TASKS * 5 + 1} values are sealed with it`) as string,
    });
    await createSecretService(depsOf(db)).rotateSecrets(newId, 'ann');
    await requireAllKeys(db, { keys: onlyNew, sealedOptions: SEALED_OPTIONS });
  });

  it('is not kept from starting by a plain option that looks sealed', async () => {
    const { db } = await databases.fresh();
    await sealedUnderOldKey(db);
    await requireAllKeys(db, { keys: new MasterKeys(oldKey, []), sealedOptions: SEALED_OPTIONS });
  });
});

it('the keys of a node print nothing of themselves', async () => {
  const { inspect } = await import('node:util');
  const shown = [String(both()), JSON.stringify(both()), inspect(both(), { depth: 9 })].join('\n');
  for (const key of [oldKey, newKey]) {
    for (const form of ['base64', 'hex'] as const) expect(shown).not.toContain(key.toString(form));
    expect(shown).not.toContain([...key.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' '));
  }
});
