import { describe, expect, it } from 'vitest';
import { sql, type Kysely } from 'kysely';
import { UNSTARTED } from '../../../controlplane/statetable/position.ts';
import type { Schema } from '../../../controlplane/store/schema.ts';
import { beginStep } from '../../../controlplane/store/tasks/begin-step.ts';
import {
  countTakeovers,
  releaseTasks,
  renewLeases,
  uncountTakeover,
} from '../../../controlplane/store/tasks/leases.ts';
import { lookAhead } from '../../../controlplane/store/tasks/look-ahead.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { addBasic, claim, expireLeases, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();
const COMPLETE = { next: { kind: 'complete' } } as const;

describe('claimTasks', () => {
  it('gives a task to one of two nodes that reach for it at once', async () => {
    const { db } = await databases.fresh();
    await addBasic(db);
    const claims = await Promise.all(Array.from({ length: 16 }, (_, index) => claim(db, { node: `node-${index}` })));
    expect(claims.flat()).toHaveLength(1);
  });

  it('gives each due sleeper to one of many nodes', async () => {
    const { db } = await databases.fresh();
    await sql`INSERT INTO group_limit (name, max_running) VALUES ('Basic', 100)`.execute(db);
    for (let count = 0; count < 40; count += 1) await addBasic(db);
    for (const task of await claim(db, { limit: 40 })) await saveStep(db, task, { next: { kind: 'yield' } });
    const claims = await Promise.all(
      Array.from({ length: 12 }, (_, index) => claim(db, { node: `node-${index}`, limit: 7 })),
    );
    const ids = claims.flat().map((task) => task.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(40);
  });

  it('takes them by prioritized, terminating, priority and age', async () => {
    const { db } = await databases.fresh();
    const low = await addBasic(db, { priority: 'LOW', group: 'a' });
    const medium = await addBasic(db, { group: 'a' });
    const later = await addBasic(db, { group: 'a' });
    const critical = await addBasic(db, { priority: 'CRITICAL', group: 'a' });
    await sql`UPDATE group_limit SET max_running = 10`.execute(db);
    await sql`UPDATE task SET is_prioritized = true WHERE id = ${low.id}`.execute(db);
    const order = (await claim(db)).map((task) => task.id);
    expect(order).toEqual([low.id, critical.id, medium.id, later.id]);
  });

  it('takes tasks under way only, when it is told to leave new ones', async () => {
    const { db } = await databases.fresh();
    await addBasic(db, { group: 'a' });
    const [underWay] = await claim(db);
    await saveStep(db, underWay!, { next: { kind: 'yield' } });
    await addBasic(db, { group: 'b' });
    expect((await claim(db, { newTasks: 'leave' })).map((task) => task.id)).toEqual([underWay?.id]);
    expect(await claim(db, { newTasks: 'leave' })).toEqual([]);
    expect(await claim(db)).toHaveLength(1);
  });

  it('leaves tasks of classes and versions that the node has not loaded', async () => {
    const { db } = await databases.fresh();
    await addBasic(db, { kind: 'Other' });
    await addBasic(db, { classVersion: '2' });
    expect(await claim(db)).toEqual([]);
    expect(await claim(db, { kinds: [{ kind: 'Basic', classVersion: '2' }] })).toHaveLength(1);
  });
});

describe('the maximum of a group', () => {
  it('holds exactly while many nodes claim and complete', async () => {
    const { db } = await databases.fresh();
    await sql`INSERT INTO group_limit (name, max_running) VALUES ('Basic', 4)`.execute(db);
    for (let count = 0; count < 60; count += 1) await addBasic(db);
    let done = 0;
    let most = 0;
    const node = async (name: string): Promise<void> => {
      while (done < 60) {
        for (const task of await claim(db, { node: name, limit: 3 })) {
          const running = await sql<{
            count: number;
          }>`SELECT count(*) FROM task WHERE slot = 'own' AND status <> 3`.execute(db);
          most = Math.max(most, running.rows[0]!.count);
          await saveStep(db, task, COMPLETE);
          done += 1;
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, index) => node(`node-${index}`)));
    expect(most).toBeLessThanOrEqual(4);
    expect(most).toBeGreaterThan(1);
    const group = await db.selectFrom('groupLimit').selectAll().executeTakeFirstOrThrow();
    expect(group.running).toBe(0);
  });

  it('counts a task that sleeps, and frees its slot in the commit that completes it', async () => {
    const { db } = await databases.fresh();
    await sql`INSERT INTO group_limit (name, max_running) VALUES ('Basic', 1)`.execute(db);
    const first = await startedTask(db);
    const second = await addBasic(db);
    await beginStep(db, first);
    await saveStep(db, first, { next: { kind: 'wait', seconds: 0, isCutBySignals: false } });
    const [again] = await claim(db);
    expect(again!.id).toBe(first.id);
    await saveStep(db, again!, COMPLETE);
    expect((await claim(db)).map((task) => task.id)).toEqual([second.id]);
  });

  it('does not count a child, which runs in the slot of its started parent and wakes it at its end', async () => {
    const { db } = await databases.fresh();
    await sql`INSERT INTO group_limit (name, max_running) VALUES ('Basic', 1)`.execute(db);
    const parent = await startedTask(db);
    await beginStep(db, parent);
    const child = await addBasic(db, { parentId: parent.id });
    await saveStep(db, parent, { next: { kind: 'wait', seconds: 3600, isCutBySignals: true } });
    const [claimed] = await claim(db);
    expect(claimed).toMatchObject({ id: child.id, slot: 'parent' });
    await saveStep(db, claimed!, COMPLETE);
    expect((await claim(db)).map((task) => task.id)).toEqual([parent.id]);
    const group = await db.selectFrom('groupLimit').selectAll().executeTakeFirstOrThrow();
    expect(group.running).toBe(1);
  });
});

describe('a work id', () => {
  it('has one started task at a time, across groups and nodes', async () => {
    const { db } = await databases.fresh();
    for (let count = 0; count < 12; count += 1) await addBasic(db, { workId: 'branch', group: `group-${count % 4}` });
    let done = 0;
    let most = 0;
    const node = async (name: string): Promise<void> => {
      while (done < 12) {
        for (const task of await claim(db, { node: name })) {
          const started = await sql<{
            count: number;
          }>`SELECT count(*) FROM task WHERE slot <> 'none' AND status <> 3`.execute(db);
          most = Math.max(most, started.rows[0]!.count);
          await saveStep(db, task, COMPLETE);
          done += 1;
        }
      }
    };
    await Promise.all(Array.from({ length: 6 }, (_, index) => node(`node-${index}`)));
    expect(most).toBe(1);
  });

  it('lets tasks behind it go first when it is taken', async () => {
    const { db } = await databases.fresh();
    await startedTask(db, { workId: 'branch' });
    await addBasic(db, { workId: 'branch' });
    const other = await addBasic(db);
    expect((await claim(db)).map((task) => task.id)).toEqual([other.id]);
  });
});

describe('a lease', () => {
  it('that expired is taken over with a new token, and the takeover is counted until a save', async () => {
    const test = await databases.fresh();
    const { db } = test;
    const task = await startedTask(db);
    expect(task).toMatchObject({ token: 1, takeovers: 0, isTakeover: false });
    await expireLeases(test);
    const [second] = await claim(db, { node: 'node-2' });
    expect(second).toMatchObject({ id: task.id, token: 2, takeovers: 1, isTakeover: true, owner: 'node-2' });
    await expireLeases(test);
    const [third] = await claim(db, { node: 'node-3' });
    expect(third).toMatchObject({ token: 3, takeovers: 2 });
    await saveStep(db, third!, { next: { kind: 'entering', state: 'work' } });
    await expireLeases(test);
    expect((await claim(db))[0]).toMatchObject({ takeovers: 1 });
  });

  it('that was lost by a node that lives is no takeover after all', async () => {
    const test = await databases.fresh();
    const { db } = test;
    const first = await startedTask(db);
    await uncountTakeover(db, first);
    await expireLeases(test);
    const second = (await claim(db, { node: 'node-2' }))[0]!;
    await expireLeases(test);
    const third = (await claim(db, { node: 'node-3' }))[0]!;
    expect(await countTakeovers(db, third)).toBe(2);
    await uncountTakeover(db, third); // the lease is still its own
    expect(await countTakeovers(db, third)).toBe(2);
    await uncountTakeover(db, second);
    expect(await countTakeovers(db, third)).toBe(1);
    await uncountTakeover(db, first);
    await uncountTakeover(db, first);
    expect(await countTakeovers(db, third)).toBe(0);
    expect(await countTakeovers(db, second)).toBeNull();
  });

  it('renewed is still owned, and what was taken over is missing from the answer', async () => {
    const test = await databases.fresh();
    const { db } = test;
    const kept = await startedTask(db);
    const lost = await startedTask(db);
    await sql`UPDATE task SET lease_until = now() - interval '1 second' WHERE id = ${lost.id}`.execute(db);
    await claim(db, { node: 'node-2' });
    expect(await renewLeases(db, 'node-1', 30)).toEqual([{ id: kept.id, token: kept.token }]);
  });

  it('of a claim whose answer never came, or of a predecessor of the same name, runs out', async () => {
    const { db } = await databases.fresh();
    const known = await startedTask(db);
    const lost = await startedTask(db);
    await sql`UPDATE task SET lease_until = now() + interval '1 second'`.execute(db);
    expect(await renewLeases(db, 'node-1', 30, [known])).toEqual([{ id: known.id, token: known.token }]);
    expect(await renewLeases(db, 'node-1', 30, [])).toEqual([]);
    const rows = await db
      .selectFrom('task')
      .select('id')
      .where('leaseUntil', '<', sql<Date>`now() + interval '5 seconds'`)
      .execute();
    expect(rows).toEqual([{ id: lost.id }]);
  });

  it('handed back is claimable at once, is no takeover, and fences the one who gave it', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    await saveStep(db, task, { state: 'start', next: { kind: 'entering', state: 'next' } });
    expect(await releaseTasks(db, 'node-1')).toBe(1);
    const [again] = await claim(db, { node: 'node-2' });
    expect(again).toMatchObject({ id: task.id, takeovers: 0, isTakeover: false, entering: 'next' });
    expect(await saveStep(db, task, COMPLETE)).toEqual({ kind: 'lost' });
  });
});

describe('saveStep', () => {
  const row = {
    entry: 1,
    fromState: null,
    value: null,
    state: 'start',
    executed: true,
    timer: 'system',
    tookMs: 5,
    agoMs: 5,
    waitSeconds: 0,
    note: null,
  };

  it('of a node that lost its task writes nothing at all', async () => {
    const test = await databases.fresh();
    const { db } = test;
    const task = await startedTask(db);
    await expireLeases(test);
    const [other] = await claim(db, { node: 'node-2' });
    const outcome = await saveStep(db, task, {
      state: 'ghost',
      memory: { ghost: true },
      steps: [row],
      logs: [{ level: 4, message: 'ghost', isUserReadable: true }],
      next: { kind: 'complete' },
    });
    expect(outcome).toEqual({ kind: 'lost' });
    expect(await db.selectFrom('task').selectAll().executeTakeFirst()).toMatchObject({
      state: null,
      memory: {},
      status: 2,
      token: other!.token,
    });
    expect(await db.selectFrom('step').selectAll().execute()).toEqual([]);
    expect(await db.selectFrom('taskLog').selectAll().execute()).toEqual([]);
    expect(await db.selectFrom('groupLimit').select('running').executeTakeFirst()).toEqual({ running: 1 });
  });

  it('keeps the longest wait that a table can ask for', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const seconds = 2 ** 31;
    const next = { kind: 'wait', seconds, isCutBySignals: true } as const;
    expect(await saveStep(db, task, { steps: [{ ...row, waitSeconds: seconds }], next })).toMatchObject({
      kind: 'saved',
    });
    expect(await db.selectFrom('step').select('waitSeconds').execute()).toEqual([{ waitSeconds: seconds - 1 }]);
  });

  it('keeps position, recording and log together, in order', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    await saveStep(db, task, {
      state: 'work',
      entry: 2,
      position: { ...UNSTARTED, state: 'work', counters: { a: { b: 1 } } },
      contexts: { bags: {} },
      timers: { system: 1.5 },
      exitStatus: 'ERROR_USER',
      exitMessage: 'Nul \0 here',
      steps: [row, { ...row, entry: 2, fromState: 'start', value: 'ok', state: 'work', note: 'took over' }],
      logs: [1, 2, 3].map((level) => ({ level, message: `line ${level}`, isUserReadable: false })),
      next: { kind: 'entering', state: 'work' },
    });
    const saved = await db.selectFrom('task').selectAll().executeTakeFirstOrThrow();
    expect(saved).toMatchObject({
      state: 'work',
      entry: 2,
      entering: 'work',
      exitStatus: 5,
      exitMessage: 'Nul \uFFFD here',
      status: 2,
    });
    expect(saved.position).toEqual({ ...UNSTARTED, state: 'work', counters: { a: { b: 1 } } });
    const steps = await db.selectFrom('step').selectAll().orderBy('id').execute();
    expect(steps.map((step) => [step.entry, step.fromState, step.state, step.note])).toEqual([
      [1, null, 'start', null],
      [2, 'start', 'work', 'took over'],
    ]);
    const logs = await db.selectFrom('taskLog').select('message').orderBy('id').execute();
    expect(logs.map((log) => log.message)).toEqual(['line 1', 'line 2', 'line 3']);
  });

  it('records when each step of a chain began, though both are saved with what follows them', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const steps = [
      { ...row, tookMs: 300, agoMs: 2_000 },
      { ...row, tookMs: 100, agoMs: 1_500 },
    ];
    await saveStep(db, task, { steps, next: { kind: 'entering', state: 'work' } });
    const saved = await db.selectFrom('step').select(['startedAt', 'tookMs']).orderBy('id').execute();
    expect(saved[1]!.startedAt.getTime() - saved[0]!.startedAt.getTime()).toBe(500);
    expect(saved.map(({ tookMs }) => tookMs)).toEqual([300, 100]);
  });

  it('never lets a task sleep past the end of its time', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db, { maxRunSeconds: 60 });
    await saveStep(db, task, { next: { kind: 'wait', seconds: 3600, isCutBySignals: false } });
    const saved = await db.selectFrom('task').selectAll().executeTakeFirstOrThrow();
    expect(saved.wakeAt.getTime() - saved.startedAt!.getTime()).toBe(60_000);
    await sql`UPDATE task SET started_at = started_at - interval '61 seconds', wake_at = now()`.execute(db);
    const [late] = await claim(db);
    expect((await beginStep(db, late!))!.isOverdue).toBe(true);
    await saveStep(db, late!, { next: { kind: 'wait', seconds: 5, isCutBySignals: false } });
    expect((await lookAhead(db, { kinds: [] })).nextWakeInMs).toBeGreaterThan(3_000);
  });
});

describe('the time to the next wake', () => {
  const nextWakeInMs = async (db: Kysely<Schema>): Promise<number | null> =>
    (await lookAhead(db, { kinds: [] })).nextWakeInMs;

  it('is null when nothing waits, and otherwise the time to the next end of a wait or a lease', async () => {
    const { db } = await databases.fresh();
    expect(await nextWakeInMs(db)).toBeNull();
    const task = await startedTask(db);
    expect(await nextWakeInMs(db)).toBeGreaterThan(25_000);
    await saveStep(db, task, { next: { kind: 'wait', seconds: 2, isCutBySignals: true } });
    expect(await nextWakeInMs(db)).toBeLessThanOrEqual(2_000);
  });

  it('is not kept at zero by a task that is due and paused', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    await saveStep(db, task, { next: { kind: 'yield' } });
    expect(await nextWakeInMs(db)).toBe(0);
    await sql`UPDATE task SET paused = true, wake_at = now() - interval '1 second'`.execute(db);
    expect(await nextWakeInMs(db)).toBeNull();
  });
});

describe('addTask', () => {
  it('with the same client job id adds one task, even at once', async () => {
    const { db } = await databases.fresh();
    const added = await Promise.all(Array.from({ length: 8 }, () => addBasic(db, { clientJobId: 'job-1' })));
    expect(added.filter((one) => one.created)).toHaveLength(1);
    expect(new Set(added.map((one) => one.id)).size).toBe(1);
  });
});
