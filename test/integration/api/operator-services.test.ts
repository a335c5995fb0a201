import { describe, expect, it } from 'vitest';
import type { ClusterChange } from '../../../controlplane/api/clusters/cluster-change.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { RESTORED } from '../../../controlplane/store/operation/restored.ts';
import { setSetting } from '../../../controlplane/store/settings/settings.ts';
import { readAudit } from '../../../controlplane/store/settings/audit.ts';
import { heartbeatNode } from '../../../controlplane/store/settings/nodes.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { operatorsOf } from '../../kit/operators.ts';
import { addBasic, claim, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();

/** Returns the audit, oldest first, each entry as `actor action subject`. */
async function audited(db: Db): Promise<string[]> {
  return (await readAudit(db, { limit: 100 }))
    .reverse()
    .map(({ actor, action, subject }) => `${actor} ${action} ${subject}`);
}

describe('a pause by an operator', () => {
  it('of everything starts nothing new, lets go on what was started, and ends', async () => {
    const { db } = await databases.fresh();
    const operators = operatorsOf(db);
    const started = await startedTask(db);
    const { id } = await addBasic(db);
    await operators.pauses.pauseAll('all', 'soft', 'ann');
    expect(await claim(db)).toEqual([]);
    await saveStep(db, started, { next: { kind: 'yield' } });
    expect((await claim(db)).map((task) => task.id)).toEqual([started.id]);
    await operators.pauses.resumeAll('all', 'ann');
    expect((await claim(db)).map((task) => task.id)).toEqual([id]);
    expect(await audited(db)).toEqual(['ann pause all', 'ann resume all']);
  });

  it('of groups touches only those, and hard touches nothing of them', async () => {
    const { db } = await databases.fresh();
    const operators = operatorsOf(db);
    const started = await startedTask(db, { group: 'a' });
    await saveStep(db, started, { next: { kind: 'yield' } });
    const other = await addBasic(db, { group: 'b' });
    await operators.pauses.pauseAll(['a'], 'hard', 'ann');
    expect((await claim(db)).map((task) => task.id)).toEqual([other.id]);
    expect(await operators.pauses.readPauses()).toMatchObject({
      global: null,
      groups: { a: 'hard' },
      origins: { 'group/a': { by: 'ann' } },
    });
    await operators.pauses.resumeAll(['a'], 'bob');
    expect((await claim(db)).map((task) => task.id)).toEqual([started.id]);
    expect(await audited(db)).toEqual(['ann pause group/a', 'bob resume group/a']);
  });
});

describe('the limits of a group', () => {
  it('hold from then on, and what was not given stays', async () => {
    const { db } = await databases.fresh();
    const operators = operatorsOf(db);
    await operators.groups.setGroup({ name: 'Basic', maxRunning: 1 }, 'ann');
    await operators.groups.setGroup({ name: 'Basic', retentionDays: 9 }, 'ann');
    await Promise.all([addBasic(db), addBasic(db)]);
    expect(await claim(db)).toHaveLength(1);
    expect(await operators.groups.listGroups()).toMatchObject([
      { name: 'Basic', running: 1, maxRunning: 1, queued: 1, pause: null, retentionDays: 9, clusters: [] },
    ]);
    expect((await readAudit(db, { limit: 1 }))[0]).toMatchObject({
      subject: 'group/Basic',
      detail: { retentionDays: 9 },
    });
  });
});

describe('the clusters of a group', () => {
  it('are stored clusters in an order, and are taken away by none', async () => {
    const { db } = await databases.fresh();
    const { groups, clusters } = operatorsOf(db);
    for (const name of ['spot', 'on-demand']) {
      await clusters.saveCluster({ name, region: 'r', cluster: 'c', launch: { type: 'ec2' } }, 'ann');
    }
    await groups.setGroup({ name: 'Basic', clusters: ['spot', 'on-demand'] }, 'ann');
    await groups.setGroup({ name: 'Basic', maxRunning: 7 }, 'ann');
    expect(await groups.listGroups()).toMatchObject([{ maxRunning: 7, clusters: ['spot', 'on-demand'] }]);
    await expect(groups.setGroup({ name: 'Basic', clusters: ['spot', 'gone'] }, 'ann')).rejects.toMatchObject({
      code: 'CLUSTER_UNKNOWN',
      message: expect.stringContaining('"gone"'),
    });
    await groups.setGroup({ name: 'Basic', clusters: [] }, 'ann');
    expect(await groups.listGroups()).toMatchObject([{ clusters: [] }]);
  });
});

describe('a maintenance', () => {
  it('keeps since when it lasts when it is said again, with the new reason', async () => {
    const { db } = await databases.fresh();
    const times = [new Date('2026-01-01T00:00:00Z'), new Date('2026-01-01T01:00:00Z')];
    const clock = { now: () => times.shift()!, monotonicMs: () => 0, sleep: () => Promise.resolve() };
    const operators = operatorsOf(db, clock);
    expect(await operators.maintenance.readMaintenance()).toEqual({ isOn: false, reason: null, since: null, by: null });
    await operators.maintenance.startMaintenance(null, 'ann');
    await operators.maintenance.startMaintenance('the database moves', 'bob');
    expect(await operatorsOf(db).maintenance.readMaintenance()).toEqual({
      isOn: true,
      reason: 'the database moves',
      since: '2026-01-01T00:00:00.000Z',
      by: 'bob',
    });
    await operators.maintenance.endMaintenance('bob');
    expect((await operators.maintenance.readMaintenance()).isOn).toBe(false);
    expect(await audited(db)).toEqual([
      'ann maintenance-on maintenance',
      'bob maintenance-on maintenance',
      'bob maintenance-off maintenance',
    ]);
  });
});

describe('a restored database', () => {
  it('is confirmed once, and that is in the audit', async () => {
    const { db } = await databases.fresh();
    const operators = operatorsOf(db);
    const restored = { at: '2026-01-02T00:00:00.000Z', dumpedAt: '2026-01-01T00:00:00.000Z' };
    await setSetting(db, RESTORED, restored);
    expect(await operators.status.readRestored()).toEqual(restored);
    await operators.status.confirmRestored('ann');
    expect(await operators.status.readRestored()).toBeNull();
    expect(await audited(db)).toEqual(['ann confirm-restore database']);
  });
});

describe('the state of the installation', () => {
  it('counts tasks by group, status, end and cause, all of them or those of one submitter', async () => {
    const { db } = await databases.fresh();
    const operators = operatorsOf(db);
    const ended = await startedTask(db, { group: 'a', createdBy: 'ann' });
    await saveStep(db, ended, { exitStatus: 'ERROR_USER', cause: 'limit-disk', next: { kind: 'complete' } });
    await addBasic(db, { group: 'a' });
    await addBasic(db, { group: 'b', createdBy: 'ann' });
    const b = { group: 'b', statuses: { NOT_STARTED: 1 }, exits: {}, causes: {} };
    const theirs = { group: 'a', statuses: { COMPLETE: 1 }, exits: { ERROR_USER: 1 }, causes: { 'limit-disk': 1 } };
    expect(await operators.status.summariseTasks(undefined)).toEqual([
      { ...theirs, statuses: { COMPLETE: 1, NOT_STARTED: 1 } },
      b,
    ]);
    expect(await operators.status.summariseTasks({ createdBy: 'ann', groups: [] })).toEqual([theirs, b]);
    await heartbeatNode(db, { name: 'node-1', version: '1.0.0' });
    expect(await operators.status.readStatus()).toMatchObject({
      node: 'node-1',
      tasks: { NOT_STARTED: 2, COMPLETE: 1 },
      nodes: [{ name: 'node-1', startedAt: expect.stringMatching(/Z$/) }],
    });
  });
});

describe('a token', () => {
  it('lets in who has it until it is revoked, and is nowhere in the database', async () => {
    const { db } = await databases.fresh();
    const operators = operatorsOf(db);
    const { id, token } = await operators.tokens.createToken({ name: 'ann', role: 'operator' }, 'root');
    expect(await operators.authenticator.authenticate(token)).toEqual({ name: 'ann', role: 'operator', groups: [] });
    expect(await operators.authenticator.authenticate(`${token}x`)).toBeNull();
    const kept = JSON.stringify([
      await db.selectFrom('apiToken').selectAll().execute(),
      await readAudit(db, { limit: 9 }),
    ]);
    expect(kept).not.toContain(token);
    expect(await operators.tokens.revokeToken(id, 'root')).toBe('revoked');
    expect(await operators.authenticator.authenticate(token)).toBeNull();
    expect(await operators.tokens.listTokens()).toMatchObject([{ id, name: 'ann', revokedAt: expect.any(String) }]);
    expect(await operators.tokens.revokeToken(999, 'root')).toBe('unknown');
    expect(await audited(db)).toEqual([`root create token/${id}`, `root revoke token/${id}`]);
  });
});

describe('a cluster', () => {
  const CLUSTER: ClusterChange = {
    name: 'default',
    region: 'eu-central-1',
    cluster: 'builds',
    accessKeyId: 'AKIA',
    secretAccessKey: 'canary-secret',
    launch: { type: 'ec2' },
  };
  const ROLE = 'arn:aws:iam::123456789012:role/wip';
  const { secretAccessKey: _secret, ...WITHOUT_SECRET } = CLUSTER;
  const { accessKeyId: _key, ...WITHOUT_KEY } = WITHOUT_SECRET;

  it('keeps its secret while its access key stays, and never gives it out', async () => {
    const { db } = await databases.fresh();
    const operators = operatorsOf(db);
    await operators.clusters.saveCluster(CLUSTER, 'ann');
    await operators.clusters.saveCluster({ ...WITHOUT_SECRET, region: 'us-east-1' }, 'ann');
    const stored = await operators.store.load('default');
    expect([stored.region, stored.secretAccessKey?.reveal()]).toEqual(['us-east-1', 'canary-secret']);
    const listed = await operators.clusters.listClusters();
    expect(listed).toMatchObject([{ name: 'default', accessKeyId: 'AKIA', hasSecret: true, isActive: true }]);
    expect(JSON.stringify([listed, await readAudit(db, { limit: 9 })])).not.toContain('canary');
    const session = { ...CLUSTER, accessKeyId: 'ASIA1', sessionToken: 'canary-token', roleArn: ROLE };
    await operators.clusters.saveCluster(session, 'ann');
    const { secretAccessKey: _s, sessionToken: _t, ...later } = session;
    await operators.clusters.saveCluster({ ...later, connection: { fips: true } }, 'ann');
    const renewed = await operators.store.load('default');
    expect([renewed.sessionToken?.reveal(), renewed.connection]).toEqual(['canary-token', { fips: true }]);
    expect(await operators.clusters.listClusters()).toMatchObject([{ hasSessionToken: true, roleArn: ROLE }]);
    await operators.clusters.saveCluster(WITHOUT_KEY, 'ann');
    expect(await operators.clusters.listClusters()).toMatchObject([{ accessKeyId: null, hasSecret: false }]);
  });

  it.each<[string, Partial<ClusterChange>, string, string?]>([
    [
      'another access key without its secret',
      { ...WITHOUT_SECRET, accessKeyId: 'OTHER' },
      'without its secret',
      'secretAccessKey',
    ],
    [
      'a secret without an access key',
      { ...WITHOUT_KEY, secretAccessKey: 'x' },
      'without its access key',
      'accessKeyId',
    ],
    ['launch settings of no kind', { ...CLUSTER, launch: { type: 'moon' } }, 'launch.type', 'launch.type'],
    ['Fargate without subnets', { ...CLUSTER, launch: { type: 'fargate' } }, 'launch.subnets', 'launch.subnets'],
    [
      'Fargate for a definition that does not fit',
      { ...CLUSTER, launch: { type: 'fargate', subnets: ['subnet-1'] } },
      'volumes.0.host.sourcePath: Fargate compatible task definitions do not support sourcePath. Remove the volume',
    ],
    [
      "Fargate's capacity providers for the same",
      {
        ...CLUSTER,
        launch: { type: 'capacity-providers', providers: [{ name: 'FARGATE_SPOT' }], subnets: ['subnet-1'] },
      },
      'Set networkMode to awsvpc',
    ],
    [
      'the key of a session without its token',
      { ...CLUSTER, accessKeyId: 'ASIA1' },
      'without its token',
      'sessionToken',
    ],
    [
      'a session token without its key',
      { ...WITHOUT_KEY, sessionToken: 'x' },
      'a session token without its access key',
      'accessKeyId',
    ],
    [
      'a session token beside the stored secret',
      { ...WITHOUT_SECRET, sessionToken: 'x' },
      'without the secret',
      'secretAccessKey',
    ],
    [
      'a role of another partition',
      { ...CLUSTER, region: 'cn-north-1', roleArn: ROLE },
      'of the partition aws',
      'roleArn',
    ],
    ['an external id without a role', { ...CLUSTER, externalId: 'wip' }, 'none is given', 'externalId'],
    [
      'a role at an address that has no STS',
      { ...CLUSTER, roleArn: ROLE, endpoint: 'http://127.0.0.1:1' },
      'connection.stsEndpoint',
      'connection.stsEndpoint',
    ],
    [
      'an unknown setting of the connection',
      { ...CLUSTER, connection: { ipv6: true } },
      'connection',
      'connection.ipv6',
    ],
    [
      'public addresses that nothing gives',
      { ...CLUSTER, connection: { address: 'public' }, launch: { type: 'ec2', subnets: ['subnet-1'] } },
      'connection.address',
      'connection.address',
    ],
    [
      'an address of AWS with a password',
      { ...CLUSTER, connection: { ec2Endpoint: 'https://a:b@ec2.example' } },
      'must not hold a user or a password',
      'connection.ec2Endpoint',
    ],
    [
      'a proxy with a password',
      { ...CLUSTER, connection: { proxy: 'http://a:b@proxy:1' } },
      'connection.proxy',
      'connection.proxy',
    ],
    ['to fall back on itself', { ...CLUSTER, fallback: ['default'] }, 'cannot fall back on "default"', 'fallback'],
    [
      'to fall back on one that is not there',
      { ...CLUSTER, fallback: ['later'] },
      'cannot fall back on "later"',
      'fallback',
    ],
  ])('refuses %s, names the field, and stays what it was', async (_what, change, text, path) => {
    const { db } = await databases.fresh();
    const operators = operatorsOf(db);
    await operators.clusters.saveCluster(CLUSTER, 'ann');
    const before = await operators.clusters.listClusters();
    const saving = operators.clusters.saveCluster(change as ClusterChange, 'ann');
    const refusal = {
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(text) as string,
      // What does not fit config.ecs.yml is no field of the cluster.
      ...(path !== undefined && { details: [expect.objectContaining({ path })] as unknown[] }),
    };
    await expect(saving).rejects.toMatchObject(refusal);
    expect(await operators.clusters.listClusters()).toEqual(before);
    expect(await audited(db)).toEqual(['ann save cluster/default']);
  });

  it('is not used while nothing could be launched into it, as when it was saved with another configuration', async () => {
    const { db } = await databases.fresh();
    const operators = operatorsOf(db);
    await operators.clusters.saveCluster(CLUSTER, 'ann');
    const launch = { type: 'fargate', subnets: ['subnet-1'], assignPublicIp: false };
    await operators.store.save({ ...(await operators.store.load('default')), name: 'big', launch });
    await expect(operators.clusters.useCluster('big', 'ann')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(await operators.store.activeName()).toBe('default');
  });

  it('is used and deleted by name, and what was refused is not in the audit', async () => {
    const { db } = await databases.fresh();
    const operators = operatorsOf(db);
    for (const name of ['default', 'old']) await operators.clusters.saveCluster({ ...CLUSTER, name }, 'ann');
    await operators.clusters.useCluster('old', 'ann');
    await expect(operators.clusters.deleteCluster('old', 'ann')).rejects.toMatchObject({ code: 'CLUSTER_IN_USE' });
    await expect(operators.clusters.useCluster('none', 'ann')).rejects.toMatchObject({ code: 'CLUSTER_UNKNOWN' });
    expect(await operators.store.activeName()).toBe('old');
    await operators.clusters.useCluster('default', 'ann');
    await operators.clusters.deleteCluster('old', 'ann');
    expect((await audited(db)).slice(2)).toEqual([
      'ann use cluster/old',
      'ann use cluster/default',
      'ann delete cluster/old',
    ]);
  });
});
