import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { intendLaunch } from '../../../controlplane/store/attempts/intend-launch.ts';
import { EcsClusterStore, type StoredCluster } from '../../../controlplane/store/clusters/ecs-cluster-store.ts';
import { listClusters } from '../../../controlplane/store/clusters/list-clusters.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import { Secret } from '../../../shared/keys/secret.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { newAttempt, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();
const cluster: StoredCluster = {
  name: 'default',
  region: 'eu-west-1',
  cluster: 'builds',
  accessKeyId: null,
  secretAccessKey: null,
  roleArn: null,
  endpoint: null,
  launch: { type: 'ec2' },
};

describe('of the rows of clusters', () => {
  it('one is active after several operators have chosen at once', async () => {
    const { db } = await databases.fresh();
    const store = new EcsClusterStore(db, new Secret(randomBytes(32)));
    const names = ['default', 'second', 'third', 'fourth'];
    for (const name of names) await store.save({ ...cluster, name });
    // Other clusters are deleted at the same time, which must not end in a deadlock.
    const deleting = names.slice(1).map(async (name) => {
      const error: unknown = await store.delete(name).catch((thrown: unknown) => thrown);
      if (error instanceof OperationalError || error === undefined) await store.save({ ...cluster, name });
      else throw error;
    });
    const using = [...names, ...names].map((name) =>
      store.use(name).catch((error: unknown) => {
        if (!(error instanceof OperationalError)) throw error;
      }),
    );
    await Promise.all([...using, ...deleting]);
    await store.use('second');
    expect((await listClusters(db)).filter(({ isActive }) => isActive)).toHaveLength(1);
  });

  it('a change of somebody else in between is not undone: what was read is what is replaced', async () => {
    const { db } = await databases.fresh();
    const store = new EcsClusterStore(db, new Secret(randomBytes(32)));
    const updatedAt = async (): Promise<Date> => (await listClusters(db))[0]!.updatedAt;
    await store.save({ ...cluster, name: 'shared' }, null);
    await expect(store.save({ ...cluster, name: 'shared', region: 'late' }, null)).rejects.toMatchObject({
      code: 'CLUSTER_CHANGED',
    });
    const read = await updatedAt();
    await store.save({ ...cluster, name: 'shared', region: 'first' }, read);
    await expect(store.save({ ...cluster, name: 'shared', region: 'late' }, read)).rejects.toMatchObject({
      code: 'CLUSTER_CHANGED',
    });
    expect((await store.load('shared')).region).toBe('first');
    const last = await updatedAt();
    await store.delete('shared');
    await expect(store.save({ ...cluster, name: 'shared' }, last)).rejects.toMatchObject({ code: 'CLUSTER_CHANGED' });
    await expect(store.load('shared')).rejects.toMatchObject({ code: 'CLUSTER_UNKNOWN' });
  });

  it('one is kept while a container of it may run, and not for a launch that nobody will answer any more', async () => {
    const { db } = await databases.fresh();
    const store = new EcsClusterStore(db, new Secret(randomBytes(32)));
    for (const name of ['default', 'second']) await store.save({ ...cluster, name });
    const task = await startedTask(db);
    const effect = { key: 'k', name: 'launch', scope: 'entry', request: 'r' };
    const location = { region: 'r', cluster: 'c', endpoint: null, accessKeyId: null };
    const attempt = { ...newAttempt(1), cluster: 'second', location };
    expect((await intendLaunch(db, task, { effect, attempt })).kind).toBe('intended');
    await expect(store.delete('second')).rejects.toMatchObject({ code: 'CLUSTER_IN_USE' });
    await saveStep(db, task, { next: { kind: 'complete' } });
    await store.delete('second');
    const gone = { effect: { ...effect, key: 'k2' }, attempt };
    expect(await intendLaunch(db, await startedTask(db), gone)).toEqual({ kind: 'cluster-gone' });
  });

  it('one that has moved, as local ECS does at each start, takes its attempts along, those that are over too, and no others', async () => {
    const { db } = await databases.fresh();
    const store = new EcsClusterStore(db, new Secret(randomBytes(32)));
    const location = {
      region: cluster.region,
      cluster: cluster.cluster,
      endpoint: 'http://127.0.0.1:1',
      accessKeyId: 'a',
    };
    for (const [key, at] of [
      ['here', location],
      ['there', { ...location, cluster: 'another' }],
    ] as const) {
      await store.save(cluster);
      const effect = { key, name: 'launch', scope: 'entry', request: 'r' };
      await intendLaunch(db, await startedTask(db), { effect, attempt: { ...newAttempt(1), location: at } });
    }
    // A container that is over is looked for at the new address too, and never again at the old one.
    await db.updateTable('containerAttempt').set({ state: 'stopped' }).where('launchKey', '=', 'here').execute();
    await store.saveMoved({ ...cluster, endpoint: 'http://127.0.0.1:2', accessKeyId: 'b' });
    const rows = await db.selectFrom('containerAttempt').select('location').orderBy('id').execute();
    expect(rows.map((row) => row.location)).toEqual([
      { ...location, endpoint: 'http://127.0.0.1:2', accessKeyId: 'b' },
      { ...location, cluster: 'another' },
    ]);
  });
});
