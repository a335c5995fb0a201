import { describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import {
  pauseTask,
  prioritiseTask,
  requestTerminate,
  restartTask,
  resumeTask,
} from '../../../controlplane/store/control/control-task.ts';
import { UNSTARTED } from '../../../controlplane/statetable/position.ts';
import { clearPause, readPauses, setPause } from '../../../controlplane/store/control/pauses.ts';
import { beginStep } from '../../../controlplane/store/tasks/begin-step.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { TaskId } from '../../../shared/model/ids.ts';
import { PRIORITY } from '../../../shared/model/status.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { addBasic, claim, launchAttempt, sendSignal, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();
const SLEEP = { kind: 'wait', seconds: 3600, isCutBySignals: false } as const;
const NOBODY = TaskId.parse(999_999);

describe('a request to terminate a task', () => {
  it('wakes a sleeper at once, even from a wait that signals do not end', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    await beginStep(db, task);
    await saveStep(db, task, { next: SLEEP });
    expect(await requestTerminate(db, task.id)).toBe('done');
    const [woken] = await claim(db);
    expect((await beginStep(db, woken!))!.terminateRequested).toBe(true);
  });

  it('asked during a step is met by the next one', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    await beginStep(db, task);
    await requestTerminate(db, task.id);
    expect(await saveStep(db, task, { next: SLEEP })).toMatchObject({ isRunnable: true });
  });

  it('of a task that waits for room in its group ends it without a slot', async () => {
    const { db } = await databases.fresh();
    await sql`INSERT INTO group_limit (name, max_running) VALUES ('Basic', 0)`.execute(db);
    const { id } = await addBasic(db);
    expect(await claim(db)).toEqual([]);
    await requestTerminate(db, id);
    const [task] = await claim(db);
    expect(task).toMatchObject({ id, slot: 'none' });
    await saveStep(db, task!, { exitStatus: 'TERMINATED', next: { kind: 'complete' } });
    expect(await db.selectFrom('groupLimit').select('running').execute()).toEqual([{ running: 0 }]);
  });

  it('of a finished task changes nothing, and of none says so', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    await saveStep(db, task, { next: { kind: 'complete' } });
    expect(await requestTerminate(db, task.id)).toBe('already');
    expect(await requestTerminate(db, NOBODY)).toBe('unknown');
  });
});

describe('the rank of a task', () => {
  it('decides which one a claim takes first: the foremost, then by priority, then the oldest', async () => {
    const { db } = await databases.fresh();
    const [oldest, high, foremost] = [await addBasic(db), await addBasic(db), await addBasic(db)];
    expect(await prioritiseTask(db, foremost.id, 'FIRST')).toBe('done');
    expect(await prioritiseTask(db, high.id, 'HIGH')).toBe('done');
    const claimed: number[] = [];
    for (let count = 0; count < 3; count += 1) claimed.push(...(await claim(db, { limit: 1 })).map(({ id }) => id));
    expect(claimed).toEqual([foremost.id, high.id, oldest.id]);
  });

  it('is set once, given up for a priority, and means nothing to a finished task', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const row = () => db.selectFrom('task').select(['isPrioritized', 'priority', 'wakeSeq']).executeTakeFirstOrThrow();
    expect([await prioritiseTask(db, task.id, 'FIRST'), await prioritiseTask(db, task.id, 'FIRST')]).toEqual([
      'done',
      'already',
    ]);
    expect(await row()).toEqual({ isPrioritized: true, priority: PRIORITY.MEDIUM, wakeSeq: 0 });
    expect(await prioritiseTask(db, task.id, 'MEDIUM')).toBe('done');
    expect(await row()).toEqual({ isPrioritized: false, priority: PRIORITY.MEDIUM, wakeSeq: 0 });
    expect(await prioritiseTask(db, task.id, 'MEDIUM')).toBe('already');
    await saveStep(db, task, { next: { kind: 'complete' } });
    expect(await prioritiseTask(db, task.id, 'LOW')).toBe('already');
    expect(await prioritiseTask(db, NOBODY, 'LOW')).toBe('unknown');
  });
});

describe('a pause', () => {
  it('of a task keeps it as it is until it is resumed, unless it is to be ended', async () => {
    const { db } = await databases.fresh();
    const { id } = await addBasic(db);
    expect([await pauseTask(db, id), await pauseTask(db, id)]).toEqual(['done', 'already']);
    expect(await claim(db)).toEqual([]);
    expect([await resumeTask(db, id), await resumeTask(db, id)]).toEqual(['done', 'already']);
    const [task] = await claim(db);
    await beginStep(db, task!);
    await pauseTask(db, id);
    expect((await beginStep(db, task!))!.paused).toBe(true);
    await saveStep(db, task!, { next: { ...SLEEP, seconds: 0 } });
    expect(await claim(db)).toEqual([]);
    await requestTerminate(db, id);
    expect(await claim(db)).toHaveLength(1);
  });

  it('that is soft starts nothing new and lets what is started go on', async () => {
    const { db } = await databases.fresh();
    const started = await startedTask(db);
    await saveStep(db, started, { next: { kind: 'yield' } });
    await addBasic(db);
    await setPause(db, { scope: 'group', name: 'Basic' }, 'soft');
    expect((await claim(db)).map((task) => task.id)).toEqual([started.id]);
  });

  it.each([{ scope: 'global' } as const, { scope: 'group', name: 'Basic' } as const])(
    'that is hard touches nothing, then everything again: $scope',
    async (where) => {
      const { db } = await databases.fresh();
      const started = await startedTask(db);
      await saveStep(db, started, { next: { kind: 'yield' } });
      await addBasic(db);
      await addBasic(db, { group: 'other' });
      await setPause(db, where, 'hard');
      const left = await claim(db);
      expect(left.map((task) => task.groupName)).toEqual(where.scope === 'global' ? [] : ['other']);
      await clearPause(db, where);
      expect(await claim(db)).toHaveLength(3 - left.length);
    },
  );

  it('can be read', async () => {
    const { db } = await databases.fresh();
    await addBasic(db);
    expect(await readPauses(db)).toEqual({ global: null, groups: {} });
    await setPause(db, { scope: 'global' }, 'soft');
    await setPause(db, { scope: 'group', name: 'Basic' }, 'hard');
    expect(await readPauses(db)).toEqual({ global: 'soft', groups: { Basic: 'hard' } });
  });
});

describe('restart', () => {
  it('of a task under way fences its node, keeps the slot, and begins without memory but with the old entry', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    await sendSignal(db, attempt, 1);
    await beginStep(db, task);
    const position = { ...UNSTARTED, state: 'work' };
    const why = { fault: 'spot', retry: null, sentence: 'old', remedy: null, evidence: ['a\0b'] } as const;
    const ended = { cause: 'spot', endCause: { cause: 'spot', ...why } };
    const saved = { state: 'work', entry: 7, memory: { a: 1 }, contexts: { bags: { b: {} } }, position, ...ended };
    await saveStep(db, task, { ...saved, exitMessage: 'old', next: { kind: 'entering', state: 'work' } });
    expect(await restartTask(db, task.id)).toBe('done');
    expect(await saveStep(db, task, { next: { kind: 'complete' } })).toEqual({ kind: 'lost' });
    const [again] = await claim(db);
    expect(again).toMatchObject({ entry: 7, attempts: 1, currentAttempt: null, slot: 'own', exitMessage: null });
    expect(again).toMatchObject({ cause: null, endCause: null });
    expect(again).toMatchObject({ state: null, memory: {}, contexts: {}, position: null });
    expect((await beginStep(db, again!))!.inbox).toEqual([]);
    await sendSignal(db, attempt, 2);
    expect((await beginStep(db, again!))!.inbox).toEqual([]);
    expect(await db.selectFrom('groupLimit').select('running').execute()).toEqual([{ running: 1 }]);
  });

  it('of a finished task queues it again', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    await saveStep(db, task, { exitStatus: 'ERROR_USER', next: { kind: 'complete' } });
    await sql`UPDATE group_limit SET max_running = 0`.execute(db);
    await restartTask(db, task.id);
    expect(await claim(db)).toEqual([]);
    await sql`UPDATE group_limit SET max_running = 1`.execute(db);
    expect((await claim(db))[0]).toMatchObject({
      id: task.id,
      status: 2,
      exitStatus: 0,
      completedAt: null,
      slot: 'own',
    });
    expect(await db.selectFrom('groupLimit').select('running').execute()).toEqual([{ running: 1 }]);
  });

  it('of a task that has not begun changes nothing', async () => {
    const { db } = await databases.fresh();
    const { id } = await addBasic(db);
    expect(await restartTask(db, id)).toBe('already');
  });
});
