import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { markStopped } from '../../../controlplane/store/attempts/mark-attempt.ts';
import { EcsClusterStore } from '../../../controlplane/store/clusters/ecs-cluster-store.ts';
import { saveDefinition } from '../../../controlplane/store/clusters/task-definitions.ts';
import { DUMPED_TABLES } from '../../../controlplane/store/backup/dumped-tables.ts';
import { restoreDatabase } from '../../../controlplane/store/backup/restore-database.ts';
import { SCHEMA_NUMBER } from '../../../controlplane/store/migrations/all.ts';
import { readRestored, TASK_NUMBERS_SKIPPED } from '../../../controlplane/store/operation/restored.ts';
import { intendRequest, takeDueRequests } from '../../../controlplane/store/outbox/requests.ts';
import { appendChunk } from '../../../controlplane/store/output/append-chunk.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { addApiToken } from '../../../controlplane/store/settings/api-tokens.ts';
import { appendAudit } from '../../../controlplane/store/settings/audit.ts';
import { heartbeatNode } from '../../../controlplane/store/settings/nodes.ts';
import { readInstallationId } from '../../../controlplane/store/settings/settings.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { TaskId } from '../../../shared/model/ids.ts';
import { Secret } from '../../../shared/keys/secret.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { contentOf, dropEverything, dumpLines, linesFrom } from '../../kit/database/dump.ts';
import { addBasic, appendUsageSample, launchAttempt, sendSignal, startedTask } from '../../kit/database/store.ts';
import { newUsage } from '../../kit/usage.ts';

const databases = useTestDatabases();
const AT = new Date('2026-01-02T00:00:00Z');

/** Returns a database with a row in every table, among them an ended task and a sealed secret. */
async function filled(masterKey = new Secret(randomBytes(32))): Promise<{ db: Db; taskId: number }> {
  const { db } = await databases.fresh();
  const task = await startedTask(db, { title: '#"quoted"\n\\ ünd 🦊', options: { text: 'a\nb', n: 1e-7 } });
  const attempt = await launchAttempt(db, task);
  await sendSignal(db, attempt, 1);
  const bytes = Buffer.from([0, 10, 13, 35, 255]);
  await appendChunk(db, { ...attempt, processId: 'p', stream: 'stdout', offset: 0, bytes });
  const times = { at: new Date('2026-01-01T00:00:00.123Z'), progress: 7, secondsToDiskLimit: null };
  await appendUsageSample(db, attempt, {
    ...times,
    usage: newUsage({ cpuSeconds: 0.1 }),
    secondsToTimeLimit: 0.1 + 0.2,
  });
  await markStopped(db, attempt.id, 'exited');
  const effect = { key: 'k', name: 'report', scope: 'task', request: 'sealed' };
  await intendRequest(db, task, { effect, isRepeatable: true, giveUpAfterSeconds: 60, lane: null });
  const step = {
    entry: 1,
    fromState: null,
    value: null,
    state: 'start',
    executed: true,
    tookMs: 1,
    agoMs: 1,
    waitSeconds: 0,
  };
  await saveStep(db, task, {
    steps: [{ ...step, timer: null, note: null }],
    logs: [{ level: 5, message: 'the end', isUserReadable: true }],
    exitStatus: 'COMPLETED',
    memory: { nothing: null },
    next: { kind: 'complete' },
  });
  await new EcsClusterStore(db, masterKey).save({
    name: 'default',
    region: 'r',
    cluster: 'c',
    accessKeyId: 'AKIA',
    secretAccessKey: new Secret('canary-secret'),
    roleArn: null,
    endpoint: null,
    launch: { type: 'ec2' },
  });
  // A null of JSON differs from the NULL of SQL.
  await sql`UPDATE effect SET answer = 'null'::jsonb`.execute(db);
  const definition = {
    endpoint: '',
    caller: '',
    family: 'f',
    region: 'r',
    cluster: 'c',
    contentHash: 'h',
    definition: {},
  };
  await saveDefinition(db, { ...definition, arn: 'arn:1', revision: 1 });
  // Nodes of the version before keep theirs there.
  await sql`INSERT INTO task_definition (family, region, cluster, content_hash, revision, arn, definition)
    VALUES ('f', 'r', 'c', 'h', 1, 'arn:1', '{}')`.execute(db);
  await addApiToken(db, { name: 'ann', role: 'admin', tokenHash: 'hash' });
  await appendAudit(db, { actor: 'ann', action: 'create', subject: 'token/1' });
  await heartbeatNode(db, { name: 'node-1', version: '1' });
  return { db, taskId: task.id };
}

/** A restore runs the migrations itself, and nodes belong to the moment of the dump. */
const TABLES_LEFT_OUT = ['migration', 'node'];

let whole: string[] | undefined;
/** Returns the lines of a dump. It is made once, because a test damages only a copy. */
async function wholeDump(): Promise<string[]> {
  return (whole ??= await dumpLines((await filled()).db));
}

describe('a dump', () => {
  it('knows every table: a new one is dumped or left out on purpose', async () => {
    const { db } = await databases.fresh();
    const { rows } = await sql<{ name: string }>`
      SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`.execute(db);
    const known = [...DUMPED_TABLES.map(({ name }) => name), ...TABLES_LEFT_OUT];
    expect(rows.map(({ name }) => name).sort()).toEqual([...known].sort());
  });

  it('restored into an empty database is the same content, to the byte', async () => {
    const masterKey = new Secret(randomBytes(32));
    const { db } = await filled(masterKey);
    const before = await contentOf(db);
    expect(Object.entries(before).filter(([, rows]) => rows.length === 0)).toEqual([]);
    const lines = await dumpLines(db);
    expect(lines.join('\n')).not.toContain('canary');
    const other = await databases.fresh();
    await dropEverything(other.db); // the restore makes the schema itself
    const summary = await restoreDatabase(other.db, linesFrom(lines), AT);
    expect(summary).toMatchObject({ installationId: await readInstallationId(db), migration: SCHEMA_NUMBER });
    const after = await contentOf(other.db);
    const setting = after['setting']!.filter((row) => !/^\((restored|database),/.test(row));
    expect({ ...after, setting }).toEqual(before);
    const opened = await new EcsClusterStore(other.db, masterKey).load('default');
    expect(opened.secretAccessKey?.reveal()).toBe('canary-secret');
  });

  it('is what the database was at one instant, whatever is written meanwhile', async () => {
    const { db } = await filled();
    const before = await dumpLines(db);
    const during = await dumpLines(db, async () => {
      await addBasic(db, { group: 'later' });
    });
    expect(during.slice(0, -1)).toEqual(before.slice(0, -1)); // the last line holds sequences, which are not part of the snapshot
  });

  it('goes on with numbers of its own, and leaves out those that lost tasks may have got', async () => {
    const { db, taskId } = await filled();
    const other = await databases.fresh();
    await restoreDatabase(other.db, linesFrom(await dumpLines(db)), AT);
    const next = await startedTask(other.db);
    expect(next.id).toBe(taskId + TASK_NUMBERS_SKIPPED + 1);
    expect((await launchAttempt(other.db, next)).id).toBe(2);
    expect(await readRestored(other.db)).toEqual({ at: AT.toISOString(), dumpedAt: '2026-01-01T00:00:00.000Z' });
  });

  it('of a request that must not be sent twice lets nobody send it: it may have been sent since', async () => {
    const { db, taskId } = await filled();
    const [task] = await db.selectFrom('task').selectAll().where('id', '=', TaskId.parse(taskId)).execute();
    await sql`UPDATE task SET status = 2, lease_until = now() + interval '1 minute'`.execute(db);
    const effect = { key: 'once', name: 'once', scope: 'task', request: 'sealed' };
    await intendRequest(db, task!, { effect, isRepeatable: false, giveUpAfterSeconds: 60, lane: null });
    const other = await databases.fresh();
    await restoreDatabase(other.db, linesFrom(await dumpLines(db)), AT);
    const due = await takeDueRequests(other.db, { limit: 10, holdSeconds: 60 });
    expect(due.map(({ name, wasAbandoned }) => [name, wasAbandoned]).sort()).toEqual([
      ['once', true],
      ['report', false],
    ]);
  });

  it('of a restored database is not restored again as one that was confirmed', async () => {
    const { db } = await filled();
    const [second, third] = [await databases.fresh(), await databases.fresh()];
    await restoreDatabase(second.db, linesFrom(await dumpLines(db)), AT);
    const later = new Date('2026-01-03T00:00:00Z');
    await restoreDatabase(third.db, linesFrom(await dumpLines(second.db)), later);
    expect((await readRestored(third.db))!.at).toBe(later.toISOString());
  });

  it('of a restored database that nobody has used goes on after the numbers of the first', async () => {
    const { db, taskId } = await filled();
    const [second, third] = [await databases.fresh(), await databases.fresh()];
    await restoreDatabase(second.db, linesFrom(await dumpLines(db)), AT);
    await restoreDatabase(third.db, linesFrom(await dumpLines(second.db)), AT);
    expect((await startedTask(third.db)).id).toBe(taskId + 2 * TASK_NUMBERS_SKIPPED + 1);
  });

  it('is not made of a database of another version, nor of one that is not ours', async () => {
    const { db } = await databases.fresh();
    await sql`INSERT INTO migration (number, name) VALUES (999, 'from the future')`.execute(db);
    await expect(dumpLines(db)).rejects.toMatchObject({ code: 'DUMP_UNUSABLE' });
    await dropEverything(db);
    await expect(dumpLines(db)).rejects.toMatchObject({ code: 'DUMP_UNUSABLE' });
  });
});

const DAMAGES: readonly [string, (lines: string[]) => string[]][] = [
  ['no lines at all', () => []],
  ['something else', () => ['{"a":1}']],
  ['a cut off end', (lines) => lines.slice(0, -1)],
  ['a cut off half', (lines) => lines.slice(0, lines.length / 2)],
  ['a missing row', (lines) => lines.filter((line) => !line.includes('the end'))],
  ['a row twice', (lines) => lines.flatMap((line) => (line.includes('the end') ? [line, line] : [line]))],
  ['a broken row', (lines) => lines.map((line) => line.replace('the end', 'the "end'))],
  ['a row that the schema refuses', (lines) => lines.map((line) => line.replace(',5,', ',50,'))],
  ['a broken mark', (lines) => lines.map((line) => line.replace('#{"mark":"table"', '#{"mark":"chair"'))],
  ['more behind its end', (lines) => [...lines, '{"name": "x"}']],
];

describe('a restore', () => {
  it('refuses a database that is in use and leaves it as it is', async () => {
    const lines = await wholeDump();
    const { db } = await databases.fresh();
    await addApiToken(db, { name: 'bob', role: 'viewer', tokenHash: 'other' });
    const before = await contentOf(db);
    await expect(restoreDatabase(db, linesFrom(lines), AT)).rejects.toMatchObject({ code: 'DATABASE_NOT_EMPTY' });
    expect(await contentOf(db)).toEqual(before);
  });

  it('refuses a dump that is damaged in any way, and writes nothing', async () => {
    const lines = await wholeDump();
    const { db } = await databases.fresh();
    const before = await contentOf(db);
    for (const [what, damage] of DAMAGES) {
      const damaged = damage(lines);
      expect(damaged, what).not.toEqual(lines);
      await expect(restoreDatabase(db, linesFrom(damaged), AT), what).rejects.toMatchObject({
        code: 'DUMP_UNUSABLE',
        message: expect.stringContaining('nothing was written'),
      });
      expect(await contentOf(db), what).toEqual(before);
    }
  });

  it('refuses a dump of another schema, and says whose it is', async () => {
    const [header = '', ...rest] = await wholeDump();
    const { db } = await databases.fresh();
    const older = header.replace(`"migration":${SCHEMA_NUMBER}`, '"migration":1');
    await expect(restoreDatabase(db, linesFrom([older, ...rest]), AT)).rejects.toMatchObject({
      code: 'DUMP_UNUSABLE',
      message: expect.stringContaining('made at migration 1, by Wip 1.0.0'),
    });
  });
});
