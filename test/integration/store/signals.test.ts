import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { findAttempt } from '../../../controlplane/store/attempts/find-attempt.ts';
import { restartTask } from '../../../controlplane/store/control/control-task.ts';
import { appendChunk } from '../../../controlplane/store/output/append-chunk.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { beginStep } from '../../../controlplane/store/tasks/begin-step.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { recordSignal } from '../../../controlplane/store/signals/record-signal.ts';
import { CLASS_ID, type Signal, type SignalKind } from '../../../shared/protocol/signals.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { claim, launchAttempt, sendSignal, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();
const SLEEP = { kind: 'wait', seconds: 3600, isCutBySignals: true } as const;

describe('a signal', () => {
  it('is in the hands of the claim that it woke, with the attempt as its row is and what its container said', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    await saveStep(db, task, { next: SLEEP });
    await sendSignal(db, attempt, 1, { body: { port: 2222 } });
    const [woken] = await claim(db);
    expect(woken!.stepInput).toMatchObject({
      attempts: 1,
      inbox: [{ attempt: 1, seq: 1, classId: CLASS_ID.ready, receivedAt: expect.any(Date) }],
      lifecycleSignals: [{ classId: CLASS_ID.ready, body: { port: 2222 } }],
    });
    const row = await findAttempt(db, { uuid: attempt.uuid });
    expect(row!.agentSeenAt).toBeInstanceOf(Date);
    expect(woken!.stepInput!.attempt).toEqual(row);
    expect(await beginStep(db, woken!)).toEqual({ ...woken!.stepInput, now: expect.any(Date) });
  });

  it('of its own life is told once to a step, the first of each kind, however often the container repeats it', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    for (const seq of [1, 2]) await sendSignal(db, attempt, seq, { kind: 'ready', body: { seq } });
    for (const seq of [3, 4, 5]) await sendSignal(db, attempt, seq, { kind: 'exit', body: { seq } });
    expect((await beginStep(db, task))!.lifecycleSignals).toEqual([
      { classId: CLASS_ID.ready, body: { seq: 1 } },
      { classId: CLASS_ID.exit, body: { seq: 3 } },
    ]);
  });

  it('that is new is not kept after the exit of its attempt was accepted; one that was kept is acknowledged again', async () => {
    const { db } = await databases.fresh();
    const attempt = await launchAttempt(db, await startedTask(db));
    const sent = async (seq: number, kind: SignalKind): Promise<string> =>
      (await sendSignal(db, attempt, seq, { kind })).kind;
    expect(await sent(1, 'ready')).toBe('recorded');
    expect(await sent(2, 'exit')).toBe('recorded');
    const before = await findAttempt(db, { uuid: attempt.uuid });
    for (const kind of ['ready', 'output', 'processComplete', 'exit'] as const) {
      expect(await sent(3, kind)).toBe('ended');
    }
    expect(await sent(1, 'ready')).toBe('repeated');
    expect(await sent(2, 'exit')).toBe('repeated');
    expect((await sendSignal(db, attempt, 1, { body: { other: 'body' } })).kind).toBe('conflict');
    expect(await db.selectFrom('signal').select('id').execute()).toHaveLength(2);
    expect(await findAttempt(db, { uuid: attempt.uuid })).toEqual(before);
  });

  it('ready that comes after the exit does not make its attempt ready', async () => {
    const { db } = await databases.fresh();
    const attempt = await launchAttempt(db, await startedTask(db));
    await sendSignal(db, attempt, 1, { kind: 'exit' });
    expect((await sendSignal(db, attempt, 2, { kind: 'ready' })).kind).toBe('ended');
    expect((await findAttempt(db, { uuid: attempt.uuid }))!.readyAt).toBeNull();
  });

  it('is kept up to a bound of each attempt, and how the container ended beyond it', async () => {
    const { db } = await databases.fresh();
    const attempt = await launchAttempt(db, await startedTask(db));
    const bounds = { signals: 5, bytes: 5_000, outputs: 2 };
    let seq = 0;
    const record = async (kind: SignalKind, body = {}): Promise<string> => {
      seq += 1;
      const id = { webhookId: `key:${seq}`, seq, bodySha256: String(seq) };
      const signal = { callbackId: attempt.callbackId, ...id, classId: CLASS_ID[kind], body: body as Signal };
      return (await recordSignal(db, signal, bounds)).kind;
    };
    const results = [];
    for (let count = 0; count < 200; count += 1) results.push(await record('processComplete'));
    expect(results.filter((kind) => kind === 'recorded')).toHaveLength(5);
    expect(results.at(-1)).toBe('full');
    const ends: SignalKind[] = ['output', 'output', 'output', 'exit'];
    expect([await record(ends[0]!), await record(ends[1]!), await record(ends[2]!), await record(ends[3]!)]).toEqual([
      'recorded',
      'recorded',
      'full',
      'recorded',
    ]);
    const other = await launchAttempt(db, await startedTask(db));
    const large = { callbackId: other.callbackId, classId: CLASS_ID.processComplete };
    const bodies = [];
    for (let count = 0; count < 9; count += 1) {
      const body = { text: randomBytes(1_000).toString('hex') } as unknown as Signal;
      const id = { webhookId: `key:${count}`, seq: count, bodySha256: String(count) };
      bodies.push((await recordSignal(db, { ...large, ...id, body }, { ...bounds, signals: 100 })).kind);
    }
    expect(bodies.filter((kind) => kind === 'recorded')).toHaveLength(3);
  });

  it('that arrives during a step is not lost: the task does not sleep but runs again and finds it', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    expect((await beginStep(db, task))?.inbox).toEqual([]);
    await sendSignal(db, attempt, 1);
    const saved = await saveStep(db, task, { next: SLEEP });
    expect(saved).toMatchObject({ kind: 'saved', hasNews: true, isRunnable: true, toNotify: [task.id] });
    const [again] = await claim(db);
    expect((await beginStep(db, again!))?.inbox.map((signal) => signal.seq)).toEqual([1]);
  });

  it('wakes a sleeping task, whose wait may go on where it was', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    await beginStep(db, task);
    await saveStep(db, task, { next: SLEEP });
    expect(await claim(db)).toEqual([]);
    await sendSignal(db, attempt, 1);
    const [woken] = await claim(db);
    const input = await beginStep(db, woken!);
    expect(input!.waitUntil!.getTime() - input!.now.getTime()).toBeGreaterThan(3_500_000);
    await saveStep(db, woken!, { next: { kind: 'wait-on', isCutBySignals: true } });
    const row = await db.selectFrom('task').selectAll().where('id', '=', task.id).executeTakeFirstOrThrow();
    expect(row.wakeAt).toEqual(input!.waitUntil);
  });

  it('does not end a wait that only people may end', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    await beginStep(db, task);
    await sendSignal(db, attempt, 1);
    const outcome = await saveStep(db, task, { next: { ...SLEEP, isCutBySignals: false } });
    expect(outcome).toMatchObject({ kind: 'saved', hasNews: true, isRunnable: false, toNotify: [] });
    await sendSignal(db, attempt, 2);
    expect(await claim(db)).toEqual([]);
  });

  it('stays in the inbox until a saved step consumed it', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    await sendSignal(db, attempt, 1);
    await sendSignal(db, attempt, 2, { kind: 'exit' });
    const [first] = (await beginStep(db, task))!.inbox;
    await saveStep(db, task, { next: { kind: 'entering', state: 'work' }, consumed: [first!.id] });
    expect((await beginStep(db, task))!.inbox.map((signal) => signal.seq)).toEqual([2]);
  });

  it('sent twice counts once, and another body under its id is a conflict', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    expect(await sendSignal(db, attempt, 1)).toEqual({ kind: 'recorded', taskId: task.id, hasWoken: false });
    expect(await sendSignal(db, attempt, 1)).toEqual({ kind: 'repeated', taskId: task.id });
    expect(await sendSignal(db, attempt, 1, { body: { other: true } })).toEqual({ kind: 'conflict' });
    expect(await sendSignal(db, { ...attempt, callbackId: 'x' as never }, 1)).toEqual({ kind: 'unknown' });
    const row = await db.selectFrom('task').selectAll().where('id', '=', task.id).executeTakeFirstOrThrow();
    expect(row.wakeSeq).toBe(1);
  });

  it('sent twice at once counts once', async () => {
    const { db } = await databases.fresh();
    const attempt = await launchAttempt(db, await startedTask(db));
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => sendSignal(db, attempt, 1)));
    expect(outcomes.filter((outcome) => outcome.kind === 'recorded')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.kind === 'repeated')).toHaveLength(11);
  });

  it('of an attempt that is no longer current is kept and touches nothing', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const old = await launchAttempt(db, task, 1);
    await db.updateTable('containerAttempt').set({ state: 'stopped' }).execute();
    await launchAttempt(db, task, 2);
    expect((await sendSignal(db, old, 1)).kind).toBe('recorded');
    const input = await beginStep(db, task);
    expect(input!.inbox).toEqual([]);
    const row = await db.selectFrom('task').selectAll().where('id', '=', task.id).executeTakeFirstOrThrow();
    expect(row.wakeSeq).toBe(0);
  });

  it('of a finished task is kept and wakes nobody', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    await saveStep(db, task, { next: { kind: 'complete' } });
    expect((await sendSignal(db, attempt, 1)).kind).toBe('recorded');
    expect(await claim(db)).toEqual([]);
  });

  it('of a finished task that tells its end is in the log, and the exit, the inbox and a restart do not know it', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    await saveStep(db, task, { exitStatus: 'COMPLETED', exitMessage: 'done', next: { kind: 'complete' } });
    const output = { classId: CLASS_ID.output, exitLog: 'The disk\0 limit was exceeded.', log: '' };
    await sendSignal(db, attempt, 1, { kind: 'output', body: output });
    await sendSignal(db, attempt, 2, { kind: 'processComplete', body: { classId: CLASS_ID.processComplete } });
    await sendSignal(db, attempt, 3, { kind: 'exit', body: { classId: CLASS_ID.exit, cause: 'limit-disk' } });
    const bytes = Buffer.from('late\n');
    await appendChunk(db, { ...attempt, processId: 'p', stream: 'stdout', offset: 0, bytes });
    const row = await db.selectFrom('task').selectAll().where('id', '=', task.id).executeTakeFirstOrThrow();
    expect(row).toMatchObject({ status: 3, exitMessage: 'done', cause: null });
    expect(await messagesOf(db)).toEqual([
      'After the end of the task its container said: The disk\u{FFFD} limit was exceeded.',
      'After the end of the task its container reported its own end (limit-disk).',
    ]);
    expect(await db.selectFrom('signal').select('consumedAt').execute()).toEqual(
      Array.from({ length: 3 }, () => ({ consumedAt: null })),
    );
    await restartTask(db, task.id);
    const [again] = await claim(db);
    expect((await beginStep(db, again!))!.inbox).toEqual([]);
  });

  it('may hold what jsonb refuses: NUL and halves of surrogate pairs', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    await sendSignal(db, attempt, 1, { body: { log: 'a\0b\\u0000 \ud83d \u{1f600}', 'k\0': 1 } });
    const input = await beginStep(db, task);
    expect(input!.inbox[0]!.body).toEqual({ log: 'a\uFFFDb\\u0000 \uFFFD \u{1f600}', 'k\uFFFD': 1 });
  });
});

async function messagesOf(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('taskLog').select('message').orderBy('id').execute();
  return rows.map(({ message }) => message);
}

describe('signals and steps at once', () => {
  it('a signal at the end of its task is met by its last save or late, and never neither or both', async () => {
    const { db } = await databases.fresh();
    const output = { kind: 'output', body: { classId: CLASS_ID.output, exitLog: 'Bye.', log: '' } } as const;
    const ends = { met: 0, late: 0 };
    for (let round = 0; round < 40; round += 1) {
      const task = await startedTask(db);
      const attempt = await launchAttempt(db, task);
      await beginStep(db, task);
      const before = (await messagesOf(db)).length;
      const [saved, sent] = await Promise.all([
        saveStep(db, task, { next: { kind: 'complete' } }),
        sendSignal(db, attempt, 1, output),
      ]);
      expect(sent.kind).toBe('recorded');
      const isLate = (await messagesOf(db)).length > before;
      const isMet = saved.kind === 'saved' && saved.hasNews;
      expect(isLate).toBe(!isMet);
      ends[isLate ? 'late' : 'met'] += 1;
    }
    expect(ends.late + ends.met).toBe(40);
  });

  it('every signal is found by a step, however sends, steps and saves interleave', async () => {
    const { db } = await databases.fresh();
    const total = 150;
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    await saveStep(db, task, { next: SLEEP });
    const seen: number[] = [];
    const work = async (): Promise<void> => {
      while (seen.length < total) {
        for (const one of await claim(db)) {
          const { inbox } = (await beginStep(db, one))!;
          seen.push(...inbox.map((signal) => signal.seq));
          await saveStep(db, one, { next: SLEEP, consumed: inbox.map((signal) => signal.id) });
        }
      }
    };
    const send = async (): Promise<void> => {
      for (let seq = 1; seq <= total; seq += 1) await sendSignal(db, attempt, seq);
    };
    await Promise.all([work(), work(), send()]);
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, index) => index + 1));
  });
});
