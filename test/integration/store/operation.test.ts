import { FAILURE_MESSAGE } from '../../../controlplane/tasks/basic-wip.ts';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { createDefinitionService } from '../../../controlplane/api/definitions/definition-service.ts';
import { EcsClusterStore, type StoredCluster } from '../../../controlplane/store/clusters/ecs-cluster-store.ts';
import { listClusters } from '../../../controlplane/store/clusters/list-clusters.ts';
import {
  findDefinition,
  readDefinitionSizes,
  removeDefinition,
  saveDefinition,
  withDefinitionLock,
} from '../../../controlplane/store/clusters/task-definitions.ts';
import { migrate } from '../../../controlplane/store/migrate.ts';
import { MIGRATIONS, SCHEMA_NUMBER, SERVES_FROM } from '../../../controlplane/store/migrations/all.ts';
import {
  addApiToken,
  findApiToken,
  listApiTokens,
  revokeApiToken,
} from '../../../controlplane/store/settings/api-tokens.ts';
import { appendAudit, readAudit } from '../../../controlplane/store/settings/audit.ts';
import { listGroups, setGroup } from '../../../controlplane/store/settings/groups.ts';
import { forgetDeadNodes, heartbeatNode, liveNodes, removeNode } from '../../../controlplane/store/settings/nodes.ts';
import {
  deleteSetting,
  getSetting,
  readInstallationId,
  setSetting,
} from '../../../controlplane/store/settings/settings.ts';
import { readLogs, readSteps } from '../../../controlplane/store/tasks/read-recording.ts';
import {
  countByStatus,
  findTask,
  findSearchEnd,
  findWorkHolders,
  listTasks,
} from '../../../controlplane/store/tasks/read-tasks.ts';
import type { TaskFilter } from '../../../controlplane/store/tasks/task-conditions.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { Secret } from '../../../shared/keys/secret.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { addBasic, launchAttempt, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();

describe('migrations', () => {
  it('run once, however many nodes start at once, and make one installation id', async () => {
    const { db } = await databases.fresh();
    await sql`DROP SCHEMA public CASCADE`.execute(db);
    await sql`CREATE SCHEMA public`.execute(db);
    const ran = await Promise.all(Array.from({ length: 6 }, () => migrate(db)));
    expect(ran.filter((numbers) => numbers.length > 0)).toHaveLength(1);
    expect(await readInstallationId(db)).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('of a newer version are not touched by an older program', async () => {
    const { db } = await databases.fresh();
    await sql`INSERT INTO migration (number, name) VALUES (999, 'from the future')`.execute(db);
    await expect(migrate(db)).rejects.toMatchObject({ code: 'DATABASE_NEWER' });
  });

  it('of the next version let a node of this one start again, and those after it do not', async () => {
    const { db } = await databases.fresh();
    const next = { number: SCHEMA_NUMBER + 1, name: 'next', sql: 'SELECT 1', servesFrom: SCHEMA_NUMBER };
    const after = { number: SCHEMA_NUMBER + 2, name: 'after next', sql: 'SELECT 1', servesFrom: SCHEMA_NUMBER + 1 };
    await migrate(db, [...MIGRATIONS, next]);
    expect(await migrate(db)).toEqual([]);
    await migrate(db, [...MIGRATIONS, next, after]);
    await expect(migrate(db)).rejects.toMatchObject({ code: 'DATABASE_NEWER' });
    expect(await migrate(db, [...MIGRATIONS, next])).toEqual([]);
  });

  it('say that they serve the nodes that are tested beside them', async () => {
    const kept = readdirSync(path.join(import.meta.dirname, '../../fixtures/previous-node'));
    expect(kept).toContain(`schema-${SERVES_FROM}.mjs.gz`);
    const { db } = await databases.fresh();
    const { rows } = await sql`SELECT DISTINCT serves_from FROM migration`.execute(db);
    expect(rows).toEqual([{ servesFrom: SERVES_FROM }]);
  });
});

describe('clusters in the store', () => {
  const cluster: StoredCluster = {
    name: 'default',
    region: 'eu-west-1',
    cluster: 'builds',
    accessKeyId: 'AKIA',
    secretAccessKey: new Secret('canary-secret'),
    roleArn: null,
    endpoint: null,
    launch: { type: 'ec2' },
  };

  it('keep their secret sealed, for their own row only', async () => {
    const { db } = await databases.fresh();
    const masterKey = new Secret(randomBytes(32));
    const store = new EcsClusterStore(db, masterKey);
    await store.save(cluster);
    await store.save({ ...cluster, name: 'other', secretAccessKey: null });
    expect((await store.load('default')).secretAccessKey!.reveal()).toBe('canary-secret');
    expect((await store.load('other')).secretAccessKey).toBeNull();
    expect(JSON.stringify(await db.selectFrom('ecsCluster').selectAll().execute())).not.toContain('canary');
    await sql`UPDATE ecs_cluster SET secret_sealed = (SELECT secret_sealed FROM ecs_cluster WHERE name = 'default')`.execute(
      db,
    );
    await expect(store.load('other')).rejects.toMatchObject({ code: 'SEALED_UNREADABLE' });
  });

  it('the active one is the chosen one, else default, and neither of them is deleted', async () => {
    const { db } = await databases.fresh();
    const store = new EcsClusterStore(db, new Secret(randomBytes(32)));
    await store.save(cluster);
    await store.save({ ...cluster, name: 'second' });
    expect((await store.active()).name).toBe('default');
    await store.use('second');
    await store.save({ ...cluster, name: 'second', region: 'us-east-1' });
    expect(await store.active()).toMatchObject({ name: 'second', region: 'us-east-1' });
    await expect(store.delete('default')).rejects.toMatchObject({ code: 'CLUSTER_IN_USE' });
    await expect(store.delete('second')).rejects.toMatchObject({ code: 'CLUSTER_IN_USE' });
    await expect(store.delete('third')).rejects.toMatchObject({ code: 'CLUSTER_UNKNOWN' });
    await expect(store.use('third')).rejects.toMatchObject({ code: 'CLUSTER_UNKNOWN' });
    expect(await store.activeName()).toBe('second');
    await store.use('default');
    await store.delete('second');
    expect((await listClusters(db)).map(({ name, isActive }) => [name, isActive])).toEqual([['default', true]]);
  });
});

describe('task definitions', () => {
  it('are found by content, newest revision first, and forgotten by ARN', async () => {
    const { db } = await databases.fresh();
    const scope = { endpoint: '', caller: '' };
    const key = { ...scope, family: 'WIP_a', region: 'r', cluster: 'c', contentHash: 'h' };
    await saveDefinition(db, { ...key, arn: 'arn:1', revision: 1, definition: { a: 1 } });
    await saveDefinition(db, { ...key, arn: 'arn:2', revision: 2, definition: { a: 1 } });
    expect(await findDefinition(db, key)).toEqual({ arn: 'arn:2' });
    expect(await findDefinition(db, { ...key, contentHash: 'other' })).toBeNull();
    await removeDefinition(db, scope, 'arn:2');
    expect((await findDefinition(db, key))!.arn).toBe('arn:1');
  });

  it('tell the size of a task, whichever version of a node registered them', async () => {
    const { db } = await databases.fresh();
    const key = { endpoint: '', caller: '', family: 'WIP_a', region: 'r', cluster: 'c', contentHash: 'h' };
    await saveDefinition(db, { ...key, arn: 'arn:1', revision: 1, definition: { memory: '2048', cpu: '512' } });
    await sql`
      INSERT INTO task_definition (family, region, cluster, content_hash, revision, arn, definition)
      VALUES ('WIP_a', 'r', 'c', 'h', 2, 'arn:2', '{"memory": "1024"}')`.execute(db);
    // ECS takes these units for a whole task.
    const units = { memory: '2 GB', cpu: '1 vCPU' };
    await saveDefinition(db, { ...key, contentHash: 'u', arn: 'arn:4', revision: 4, definition: units });
    expect(await readDefinitionSizes(db, ['arn:1', 'arn:2', 'arn:3', 'arn:4'])).toEqual(
      new Map([
        ['arn:1', { memoryBytes: 2048 * 1024 ** 2, processors: 0.5 }],
        ['arn:2', { memoryBytes: 1024 ** 3, processors: null }],
        ['arn:4', { memoryBytes: 2 * 1024 ** 3, processors: 1 }],
      ]),
    );
  });

  it('of the same name in another account, or at another address, are others', async () => {
    const { db } = await databases.fresh();
    const key = { endpoint: '', caller: 'AKIA1', family: 'WIP_a', region: 'r', cluster: 'c', contentHash: 'h' };
    await saveDefinition(db, { ...key, arn: 'arn:1', revision: 1, definition: {} });
    const others = [
      { ...key, caller: 'AKIA2' },
      { ...key, endpoint: 'http://127.0.0.1:1' },
    ];
    for (const other of others) {
      expect(await findDefinition(db, other)).toBeNull();
      // Local ECS and every account count from 1, and ARNs of local ECS are the same at each address.
      await saveDefinition(db, { ...other, arn: 'arn:1', revision: 1, definition: {} });
      await removeDefinition(db, other, 'arn:1');
    }
    expect(await findDefinition(db, key)).toEqual({ arn: 'arn:1' });
  });

  it('that moved with their local cluster are found at its new address', async () => {
    const { db } = await databases.fresh();
    const store = new EcsClusterStore(db, new Secret(randomBytes(32)));
    const row = { name: 'default', region: 'local', cluster: 'default', roleArn: null, launch: { type: 'ec2' } };
    const moved = { ...row, endpoint: 'http://127.0.0.1:2', accessKeyId: 'KEY2', secretAccessKey: new Secret('s') };
    const key = {
      endpoint: 'http://127.0.0.1:1',
      caller: 'KEY1',
      family: 'F',
      region: 'local',
      cluster: 'default',
      contentHash: 'h',
    };
    await saveDefinition(db, { ...key, arn: 'arn:1', revision: 1, definition: {} });
    await store.saveMoved(moved);
    expect(await findDefinition(db, { ...key, endpoint: moved.endpoint, caller: 'KEY2' })).toEqual({ arn: 'arn:1' });
    await store.saveMoved(moved);
    expect(await findDefinition(db, { ...key, endpoint: moved.endpoint, caller: 'KEY2' })).toEqual({ arn: 'arn:1' });
  });

  it('are listed with the tasks whose containers are pinned to them', async () => {
    const { db } = await databases.fresh();
    const key = { endpoint: '', caller: '', family: 'WIP_a', region: 'r', cluster: 'c', contentHash: 'h' };
    await saveDefinition(db, { ...key, arn: 'arn:1', revision: 1, definition: { cpu: '1' } });
    await saveDefinition(db, { ...key, arn: 'arn:2', revision: 2, definition: { cpu: '2' } });
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    await sql`UPDATE container_attempt SET task_definition = 'arn:1' WHERE id = ${attempt.id}`.execute(db);
    const definitions = createDefinitionService(db);
    const [second, first] = await definitions.listDefinitions({});
    expect([second, first]).toMatchObject([
      { arn: 'arn:2', tasks: [], containers: 0, state: 'active' },
      { arn: 'arn:1', tasks: [task.id], containers: 1 },
    ]);
    expect(await definitions.listDefinitions({ family: 'WIP_b' })).toEqual([]);
    expect(await definitions.diffDefinitions({ before: first!.id, after: second!.id })).toMatchObject({
      differences: [{ path: 'cpu', before: '1', after: '2' }],
    });
    await expect(definitions.readDefinition(99)).rejects.toMatchObject({ code: 'DEFINITION_UNKNOWN' });
  });

  it('of one family are registered by one node at a time', async () => {
    const { db } = await databases.fresh();
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await sql`SELECT 1`.execute(db);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => withDefinitionLock(db, 'WIP_a', work)));
    expect(most).toBe(1);
  });
});

describe('tasks for readers', () => {
  it('are listed newest first, filtered, in pages', async () => {
    const { db } = await databases.fresh();
    const [a, b, c] = [await addBasic(db), await addBasic(db, { group: 'x', createdBy: 'ann' }), await addBasic(db)];
    const ids = async (filter: object): Promise<number[]> =>
      (await listTasks(db, { limit: 10, ...filter })).map((task) => task.id);
    expect(await ids({})).toEqual([c.id, b.id, a.id]);
    expect(await ids({ beforeId: c.id, limit: 1 })).toEqual([b.id]);
    expect(await ids({ group: 'x', createdBy: 'ann', statuses: ['NOT_STARTED', 'WAITING'] })).toEqual([b.id]);
    expect(await ids({ statuses: ['COMPLETE'] })).toEqual([]);
    expect((await findTask(db, { uuid: b.uuid }))!.id).toBe(b.id);
    expect(await countByStatus(db)).toEqual({ NOT_STARTED: 3 });
    expect((await listGroups(db)).map(({ name, queued }) => [name, queued])).toEqual([
      ['Basic', 2],
      ['x', 1],
    ]);
  });

  it('are found by everything that a list may ask for', async () => {
    const { db } = await databases.fresh();
    const parent = await startedTask(db);
    const task = await addBasic(db, {
      createdBy: 'ann',
      clientJobId: 'ann/job-7',
      priority: 'HIGH',
      parentId: parent.id,
      title: '100% of app',
      options: { sourceVcsUri: 'https://ann:secret@example.org/app.git', vcsPath: 'main' },
    });
    await addBasic(db, { createdBy: 'bob', clientJobId: 'bob/job-8' });
    await sql`UPDATE task SET created_at = '2026-11-28T12:00:00Z' WHERE id <> ${task.id}`.execute(db);
    await sql`UPDATE task SET paused = true, cause = 'spot', end_cause = '{"cause":"spot","fault":"spot"}', exit_status = 2, created_at = '2026-11-29T12:00:00Z',
      memory = '{"buildFile":{"commit":"abcdef01"}}' WHERE id = ${task.id}`.execute(db);
    const filters: Partial<TaskFilter>[] = [
      { cause: 'spot' },
      { fault: 'spot' },
      { priority: 'HIGH' },
      { parentId: parent.id },
      { uuid: task.uuid },
      { clientJobId: 'job-7' },
      { isPaused: true },
      { exits: ['ERROR_SYSTEM'] },
      { repository: 'https://example.org/app.git' },
      { repository: 'https://ann:secret@example.org/app.git' },
      { branch: 'main' },
      { commit: 'abcd' },
      { since: new Date('2026-11-29T12:00:00Z') },
      { text: '100% OF' },
      { text: 'example.org/app' },
      { text: String(task.id) },
    ];
    for (const filter of filters) {
      const found = await listTasks(db, { limit: 10, ...filter });
      expect(
        found.map(({ id }) => id),
        JSON.stringify(filter),
      ).toEqual([task.id]);
    }
    expect(await listTasks(db, { limit: 10, fault: 'user' })).toEqual([]);
    expect(await listTasks(db, { limit: 10, isPaused: false })).toHaveLength(2);
    expect(await listTasks(db, { limit: 10, clientJobId: 'job-8', createdBy: 'ann' })).toEqual([]);
  });

  it('?branch= and ?commit= find no task that has no repository, whatever its options are called', async () => {
    const { db } = await databases.fresh();
    const build = await addBasic(db, { options: { vcsUri: 'https://example.org/app.git', vcsPath: 'main' } });
    await addBasic(db, { options: { vcsPath: 'main' } });
    await sql`UPDATE task SET memory = '{"buildFile":{"commit":"abcdef01"}}'`.execute(db);
    for (const filter of [{ branch: 'main' }, { commit: 'abcd' }, { text: 'main' }]) {
      const found = await listTasks(db, { limit: 10, ...filter });
      expect(
        found.map(({ id }) => id),
        JSON.stringify(filter),
      ).toEqual([build.id]);
    }
  });

  it('with the beginning of the reason of a failure that no class has explained, and of no other detail', async () => {
    const { db } = await databases.fresh();
    const failed = (exitMessage: string) =>
      db.updateTable('task').set({ exitMessage, exitDetail: `the scanner is broken ${'x'.repeat(2_000)}` });
    const { id } = await addBasic(db);
    await failed(FAILURE_MESSAGE).where('id', '=', id).execute();
    const [one] = await listTasks(db, { limit: 1, text: String(id) });
    expect(one?.exitReason).toMatch(/^the scanner is broken x{978}$/);
    await failed('No licence.').where('id', '=', id).execute();
    expect((await listTasks(db, { limit: 1 })).map(({ exitReason }) => exitReason)).toEqual([null]);
  });

  it('are searched for a text in parts, and the end of a part is told; a number is found wherever it is', async () => {
    const { db } = await databases.fresh();
    const ids: number[] = [];
    for (const title of ['deploy old', 'x', 'x', 'deploy new', 'x']) ids.push((await addBasic(db, { title })).id);
    const pages: number[][] = [];
    let beforeId: TaskFilter['beforeId'];
    for (;;) {
      const filter = { text: 'DEPLOY', limit: 10, ...(beforeId !== undefined && { beforeId }) };
      pages.push((await listTasks(db, filter, 2)).map(({ id }) => id));
      const end = await findSearchEnd(db, filter, 2);
      if (!end) break;
      beforeId = end.id;
    }
    expect(pages).toEqual([[ids[3]], [], [ids[0]]]);
    const oldest = await listTasks(db, { text: String(ids[0]), limit: 10 }, 2);
    expect(oldest.map(({ id }) => id)).toEqual([ids[0]]);
    expect(await listTasks(db, { text: String(ids[0]), limit: 10, beforeId: oldest[0]!.id }, 2)).toEqual([]);
    expect(await findSearchEnd(db, { group: 'Basic', limit: 1 }, 2)).toBeNull();
  });

  it('show who holds a work id, and their log by audience', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db, { workId: 'branch' });
    expect(await findWorkHolders(db, ['branch', 'none'])).toEqual(new Map([['branch', task.id]]));
    const logs = [
      { level: 5, message: 'for all', isUserReadable: true },
      { level: 5, message: 'for operators', isUserReadable: false },
    ];
    await saveStep(db, task, { logs, next: { kind: 'yield' } });
    const from = { after: 0, limit: 10 };
    expect(await readLogs(db, task.id, { ...from, only: 'all' })).toHaveLength(2);
    expect((await readLogs(db, task.id, { ...from, only: 'user-readable' })).map((log) => log.message)).toEqual([
      'for all',
    ]);
    expect(await readSteps(db, task.id, from)).toEqual([]);
  });
});

describe('small tables', () => {
  it('settings, nodes, tokens, groups and the audit keep what they are given', async () => {
    const { db } = await databases.fresh();
    await setSetting(db, 'maintenance', true);
    await setSetting(db, 'maintenance', { since: 'now' });
    expect(await getSetting(db, 'maintenance')).toEqual({ since: 'now' });
    await deleteSetting(db, 'maintenance');
    expect(await getSetting(db, 'maintenance')).toBeUndefined();
    await heartbeatNode(db, { name: 'n', version: '1' });
    await heartbeatNode(db, { name: 'n', version: '2' });
    expect((await liveNodes(db, 30)).map((node) => node.version)).toEqual(['2']);
    await sql`UPDATE node SET seen_at = now() - interval '1 minute'`.execute(db);
    expect(await liveNodes(db, 30)).toEqual([]);
    await forgetDeadNodes(db, 7);
    expect(await db.selectFrom('node').select('name').execute()).toEqual([{ name: 'n' }]);
    await sql`UPDATE node SET seen_at = now() - interval '8 days'`.execute(db);
    await forgetDeadNodes(db, 7);
    expect(await db.selectFrom('node').select('name').execute()).toEqual([]);
    const { incarnation } = await heartbeatNode(db, { name: 'n', version: '2' });
    await removeNode(db, { name: 'n', incarnation });
    expect(await liveNodes(db, 30)).toEqual([]);
    const id = await addApiToken(db, { name: 'ann', role: 'operator', tokenHash: 'h' });
    expect(await findApiToken(db, 'h')).toEqual({ name: 'ann', role: 'operator', groups: [] });
    expect([await revokeApiToken(db, id), await revokeApiToken(db, 999)]).toEqual(['revoked', 'unknown']);
    expect(await findApiToken(db, 'h')).toBeNull();
    expect(await listApiTokens(db)).toHaveLength(1);
    await setGroup(db, { name: 'g', maxRunning: 7 });
    await setGroup(db, { name: 'g', retentionDays: 1 });
    expect(await listGroups(db)).toMatchObject([{ name: 'g', maxRunning: 7, retentionDays: 1 }]);
    await appendAudit(db, { actor: 'ann', action: 'terminate', subject: 'task 1' });
    expect(await readAudit(db, { limit: 10 })).toMatchObject([{ actor: 'ann', detail: null }]);
  });
});
