import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { Db } from '../../../controlplane/store/schema.ts';
import { setGroup } from '../../../controlplane/store/settings/groups.ts';
import { claimNamed, claimTasks } from '../../../controlplane/store/tasks/claim-tasks.ts';
import { lookAhead } from '../../../controlplane/store/tasks/look-ahead.ts';
import type { ClaimedTask } from '../../../controlplane/store/tasks/queue.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { useTestDatabases } from '../../kit/database/database.ts';

const databases = useTestDatabases();

const LENGTH = 3_000;
// What a statement looks up for the one task that it is about: its own rows, those of its work id, of its children.
const FEW = 60;
const CLAIM = { node: 'node-1', limit: 64, leaseSeconds: 30, kinds: [{ kind: 'Queued', classVersion: '1' }] };

interface Queue {
  /** The work id of the n-th task, in SQL. */
  readonly workId?: string;
  readonly maxRunning?: number;
}

/** Returns a database in which so many tasks are queued, in a group of one unless told otherwise. */
async function withQueue({ workId = "'branch ' || n", maxRunning = 1 }: Queue = {}): Promise<Db> {
  // One connection: a server counts what each has read when that connection says so.
  const { db } = await databases.fresh(1);
  await setGroup(db, { name: 'Queued', maxRunning });
  await sql`
    INSERT INTO task (work_id, kind, class_version, title, group_name, priority, options)
    SELECT ${sql.raw(workId)}, 'Queued', '1', 'Queued', 'Queued', 2, '{}' FROM generate_series(1, ${LENGTH}) AS n`.execute(
    db,
  );
  await sql`VACUUM ANALYZE task`.execute(db);
  return db;
}

/** Returns how many rows of tasks, and entries of their indexes, the work has made the server read. */
async function rowsRead(db: Db, work: () => Promise<unknown>): Promise<number> {
  const before = await readCounter(db);
  await work();
  return (await readCounter(db)) - before;
}

async function readCounter(db: Db): Promise<number> {
  await sql`SELECT pg_stat_force_next_flush()`.execute(db);
  const { rows } = await sql<{ read: number }>`
    SELECT sum(pg_stat_get_tuples_returned(oid))::int AS read FROM pg_class
    WHERE oid = 'task'::regclass OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = 'task'::regclass)`.execute(
    db,
  );
  return rows[0]!.read;
}

async function claimOne(db: Db): Promise<ClaimedTask> {
  const { tasks } = await claimTasks(db, CLAIM);
  expect(tasks).toHaveLength(1);
  return tasks[0]!;
}

describe(`with ${LENGTH} tasks queued`, () => {
  it('a look for work and a claim read a few of them, with room in the group and without', async () => {
    const db = await withQueue();
    expect(await rowsRead(db, () => lookAhead(db, CLAIM))).toBeLessThan(FEW);
    expect(await rowsRead(db, () => claimOne(db))).toBeLessThan(FEW);
    expect(await rowsRead(db, () => lookAhead(db, CLAIM))).toBeLessThan(FEW);
    expect(await rowsRead(db, () => claimTasks(db, CLAIM))).toBeLessThan(FEW);
  });

  it('behind one branch, with room in the group, a claim that starts the first of them and one that starts none read a few', async () => {
    const db = await withQueue({ workId: "'branch'", maxRunning: 10 });
    expect(await rowsRead(db, () => claimOne(db))).toBeLessThan(FEW * 2);
    expect(await rowsRead(db, () => claimTasks(db, CLAIM))).toBeLessThan(FEW);
  });

  it('behind twenty branches a claim reads a few of each', async () => {
    const db = await withQueue({ workId: "'branch ' || n % 20", maxRunning: 21 });
    const { tasks } = await claimTasks(db, CLAIM);
    expect(tasks).toHaveLength(20);
    expect(await rowsRead(db, () => claimTasks(db, CLAIM))).toBeLessThan(20 * 15);
  });

  it('a claim by name and the end of a task read a few of them', async () => {
    const db = await withQueue();
    const task = await claimOne(db);
    await saveStep(db, task, { next: { kind: 'yield' } });
    const claimed: ClaimedTask[] = [];
    expect(await rowsRead(db, async () => claimed.push(...(await claimNamed(db, CLAIM, [task.id]))))).toBeLessThan(FEW);
    expect(await rowsRead(db, () => saveStep(db, claimed[0]!, { next: { kind: 'complete' } }))).toBeLessThan(FEW);
  });
});
