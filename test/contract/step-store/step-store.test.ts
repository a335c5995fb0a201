import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AttemptRow } from '../../../controlplane/store/schema.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { ClaimedTask } from '../../../controlplane/store/tasks/queue.ts';
import { startTestDatabases, type TestDatabases } from '../../kit/database/database.ts';
import { newAttempt } from '../../kit/database/store.ts';
import { databaseRecord, memoryRecord, type TestRecord } from './records.ts';

let databases: TestDatabases;
beforeAll(async () => (databases = await startTestDatabases()));
afterAll(() => databases.close());

const RECORDS: [string, () => Promise<TestRecord>][] = [
  ['in PostgreSQL', async () => databaseRecord(await databases.fresh())],
  ['by value', () => Promise.resolve(memoryRecord())],
];
const WAIT = { kind: 'wait', seconds: 3_600, isCutBySignals: true } as const;
const effect = (key: string, request = 'sealed') => ({ key, name: key, scope: 'entry', request });

describe.each(RECORDS)('the record %s', (_where, open) => {
  const begin = async (): Promise<TestRecord & { id: TaskId; task: ClaimedTask }> => {
    const record = await open();
    const id = await record.add();
    return { ...record, id, task: (await record.claim(id))! };
  };
  const launch = async (
    { store, task }: { store: TestRecord['store']; task: ClaimedTask },
    number = 1,
  ): Promise<AttemptRow> => {
    const intent = await store.intendLaunch(task, { effect: effect(`launch ${number}`), attempt: newAttempt(number) });
    if (intent.kind !== 'intended') throw new Error(`the launch was ${intent.kind}`);
    return intent.attempt;
  };

  it('pins the first host key of a container, and tells later ones which that is', async () => {
    const opened = await begin();
    const { id } = await launch(opened);
    expect(await opened.store.pinHostKey(id, 'ssh-ed25519 first')).toBe('ssh-ed25519 first');
    expect(await opened.store.pinHostKey(id, 'ssh-ed25519 second')).toBe('ssh-ed25519 first');
  });

  it('knows up to where output of a container without an agent was fetched', async () => {
    const opened = await begin();
    const { id, callbackId } = await launch(opened);
    const piece = { callbackId, processId: 'p', stream: 'stdout', offset: 4, bytes: Buffer.from('abc') } as const;
    expect(await opened.store.readOutputEnds(id, 'p')).toEqual({ stdout: 0, stderr: 0 });
    await opened.store.appendCollected(piece);
    await opened.store.appendCollected(piece);
    expect(await opened.store.readOutputEnds(id, 'p')).toEqual({ stdout: 7, stderr: 0 });
    expect(await opened.store.readOutputEnds(id, 'q')).toEqual({ stdout: 0, stderr: 0 });
  });

  it('keeps what a step saved, as JSON, until the next claim', async () => {
    const { store, task, id, claim, terminate } = await begin();
    const memory = { at: new Date(0), none: undefined, list: [1, { two: 'zwei\0' }] } as never;
    await store.saveStep(task, {
      state: 'work',
      entry: 3,
      memory,
      exitStatus: 'WARNING',
      exitMessage: 'so\0so',
      next: WAIT,
    });
    await terminate(id);
    const again = (await claim(id))!;
    expect(again.memory).toEqual({ at: '1970-01-01T00:00:00.000Z', list: [1, { two: 'zwei\uFFFD' }] });
    expect(again).toMatchObject({ state: 'work', entry: 3, exitStatus: 1, exitMessage: 'so\uFFFDso', takeovers: 0 });
    expect(again.token).toBeGreaterThan(task.token);
  });

  it('lets a task sleep until its wait is over, and gives it to one node only', async () => {
    const { store, task, id, claim } = await begin();
    expect(await claim(id)).toBeNull();
    const saved = await store.saveStep(task, { next: WAIT });
    expect(saved).toMatchObject({ kind: 'saved', hasNews: false, isRunnable: false, sleepsMs: WAIT.seconds * 1000 });
    expect(await claim(id)).toBeNull();
  });

  it('gives a task that yields at once to whoever comes', async () => {
    const { store, task, id, claim } = await begin();
    expect(await store.saveStep(task, { next: { kind: 'yield' } })).toMatchObject({ isRunnable: true, sleepsMs: 0 });
    expect((await claim(id))?.id).toBe(id);
  });

  it('refuses everything of a node that has lost its task', async () => {
    const { store, task, id, claim, expireLeases } = await begin();
    await expireLeases();
    const taken = (await claim(id))!;
    expect(taken).toMatchObject({ isTakeover: true, takeovers: 1 });
    expect(await store.beginStep(task)).toBeNull();
    expect(await store.saveStep(task, { state: 'lost', next: { kind: 'yield' } })).toEqual({ kind: 'lost' });
    expect(await store.intendEffect(task, effect('a'))).toBeNull();
    expect(
      await store.intendRequest(task, { effect: effect('b'), isRepeatable: true, giveUpAfterSeconds: 9, lane: null }),
    ).toBeNull();
    expect(await store.intendLaunch(task, { effect: effect('c'), attempt: newAttempt(1) })).toEqual({ kind: 'lost' });
    expect(await store.countTakeovers(task)).toBeNull();
    expect(await store.releaseTask(task, 0)).toBe('lost');
    expect(await store.countTakeovers(taken)).toBe(1);
    await store.saveStep(taken, { next: { kind: 'entering', state: 'work' } });
    expect(await store.countTakeovers(taken)).toBe(0);
  });

  it('takes a late note about a task that somebody else has by now, and none about one that is gone', async () => {
    const { store, id, claim, expireLeases, logs } = await begin();
    await expireLeases();
    await claim(id);
    await store.logLateError(id, 'a timer failed');
    expect(await logs(id)).toEqual(['a timer failed']);
    await store.logLateError(999_999 as never, 'a timer of a task that was pruned');
  });

  it('begins nothing outside once the lease is over, even if nobody took the task', async () => {
    const { store, task, expireLeases } = await begin();
    await expireLeases();
    expect(await store.intendEffect(task, effect('a'))).toBeNull();
    expect(await store.saveStep(task, { next: { kind: 'entering', state: 'work' } })).toMatchObject({ kind: 'saved' });
  });

  it('keeps one intent for a key, with its first request and its first answer', async () => {
    const { store, task, id } = await begin();
    expect(await store.intendEffect(task, effect('a', 'first'))).toMatchObject({ existed: false, state: 'intended' });
    const settle = (state: 'answered' | 'unknown', answer: unknown) =>
      store.settleEffect({ taskId: id, key: 'a', state, answer });
    expect(await settle('unknown', { tries: 1 })).toBe('settled');
    expect(await settle('answered', { pid: 7 })).toBe('settled');
    expect(await settle('answered', { pid: 8 })).toBe('already');
    const known = { state: 'answered', request: 'first', answer: { pid: 7 }, existed: true };
    expect(await store.intendEffect(task, effect('a', 'second'))).toEqual(known);
    expect(await store.findEffect(id, 'a')).toEqual(known);
    expect(await store.findEffect(id, 'b')).toBeNull();
  });

  it('keeps a request to deliver once', async () => {
    const { store, task, id } = await begin();
    const request = { effect: effect('report'), isRepeatable: true, giveUpAfterSeconds: 60, lane: null };
    expect(await store.intendRequest(task, request)).toMatchObject({ existed: false });
    expect(await store.intendRequest(task, request)).toMatchObject({ existed: true, state: 'intended' });
    expect(await store.findRequest(id, 'report')).toEqual({
      state: 'intended',
      answer: null,
      tries: 0,
      lastError: null,
    });
    expect(await store.findRequest(id, 'other')).toBeNull();
  });

  it('keeps the requests of a step with its save, and none of a save that was refused', async () => {
    const { store, task, id, claim, expireLeases } = await begin();
    const request = (key: string) => ({
      effect: effect(key),
      isRepeatable: true,
      giveUpAfterSeconds: 60,
      lane: 'told',
    });
    await store.saveStep(task, { requests: [request('a'), request('b')], next: { kind: 'entering', state: 'work' } });
    expect(await store.findRequest(id, 'a')).toMatchObject({ state: 'intended' });
    expect(await store.findRequest(id, 'b')).toMatchObject({ state: 'intended' });
    await expireLeases();
    await claim(id);
    await store.saveStep(task, { requests: [request('c')], next: { kind: 'yield' } });
    expect(await store.findRequest(id, 'c')).toBeNull();
  });

  it('has one container attempt at a time', async () => {
    const begun = await begin();
    const { store, task, id } = begun;
    expect(await store.recallLaunch(task, 'launch 1')).toBeNull();
    const attempt = await launch(begun);
    expect(await store.recallLaunch(task, 'launch 1')).toMatchObject({ kind: 'intended', attempt: { id: attempt.id } });
    expect(await store.recallLaunch(task, 'launch 2')).toMatchObject({ kind: 'unresolved', attempt: { number: 1 } });
    const second = { effect: effect('launch 2'), attempt: newAttempt(2) };
    expect(await store.intendLaunch(task, second)).toMatchObject({ kind: 'unresolved' });
    expect(await store.markLaunched(attempt.id, 'arn')).toBe('marked');
    expect(await store.markVoid(attempt.id, 'too late')).toBe('launched');
    await store.markStopped(attempt.id, 'stopped');
    expect(await store.intendLaunch(task, second)).toMatchObject({ kind: 'intended', attempt: { number: 2 } });
    const input = await store.beginStep(task);
    expect(input).toMatchObject({ attempts: 2, attempt: { number: 2, state: 'intended', launchKey: 'launch 2' } });
    expect((await store.findEffect(id, 'launch 2'))?.state).toBe('intended');
  });

  it('knows what was seen of an attempt', async () => {
    const begun = await begin();
    const { id } = await launch(begun);
    const { store, task } = begun;
    await store.markLaunched(id, 'arn');
    await store.markWitnessed(id, { ssh: { provenAt: null, failure: 'refused' }, isRunning: true });
    await store.markVerified(id, { host: 'h', port: 22 });
    const { attempt } = (await store.beginStep(task))!;
    expect(attempt).toMatchObject({ arn: 'arn', state: 'launched', address: { host: 'h', port: 22 } });
    expect(attempt?.sshWitness).toEqual({ provenAt: null, failure: 'refused' });
    expect([attempt?.runningAt, attempt?.launchedAt, attempt?.sshVerifiedAt].every((at) => at instanceof Date)).toBe(
      true,
    );
    expect([attempt?.readyAt, attempt?.resolvedAt, attempt?.reusedAt]).toEqual([null, null, null]);
  });

  it('an attempt that was given up stays void, whatever answers later', async () => {
    const begun = await begin();
    const { id } = await launch(begun);
    expect(await begun.store.markVoid(id, 'given-up')).toBe('marked');
    expect(await begun.store.markLaunched(id, 'arn')).toBe('void');
  });

  it('a signal cuts the wait short, once for its id, and stays until it is consumed', async () => {
    const begun = await begin();
    const { store, task, id, claim, receive } = begun;
    const attempt = await launch(begun);
    await store.saveStep(task, { next: WAIT });
    expect(await receive(attempt, 1, { kind: 'ready', body: { pid: 1, startTime: 0 } })).toBe('recorded');
    expect(await receive(attempt, 1, { kind: 'ready', body: { pid: 1, startTime: 0 } })).toBe('repeated');
    const again = (await claim(id))!;
    const { inbox, lifecycleSignals, waitUntil, now } = again.stepInput!;
    expect(inbox.map(({ seq, attempt: number, classId }) => [seq, number, classId])).toEqual([
      [1, 1, '$acquia.wip.signal.container.complete'],
    ]);
    expect(lifecycleSignals).toHaveLength(1);
    expect(waitUntil! > now).toBe(true);
    await store.saveStep(again, { consumed: inbox.map((signal) => signal.id), next: { kind: 'yield' } });
    const last = (await claim(id))!;
    expect(last.stepInput).toMatchObject({ inbox: [], lifecycleSignals: [{ classId: inbox[0]?.classId }] });
  });

  it('a signal that comes during a step is not slept over', async () => {
    const begun = await begin();
    const { store, task, id, claim, receive } = begun;
    const attempt = await launch(begun);
    await receive(attempt, 1, { kind: 'ready', body: { pid: 1, startTime: 0 } });
    expect(await store.saveStep(task, { next: { kind: 'entering', state: 'work' } })).toMatchObject({ hasNews: true });
    expect(await store.saveStep(task, { next: WAIT })).toMatchObject({ isRunnable: true, sleepsMs: 0 });
    expect((await claim(id))?.stepInput?.inbox).toHaveLength(1);
  });

  it('a wait that signals do not end is ended by people only', async () => {
    const begun = await begin();
    const { store, task, id, claim, receive, terminate } = begun;
    const attempt = await launch(begun);
    await store.saveStep(task, { next: { ...WAIT, isCutBySignals: false } });
    await receive(attempt, 1, { kind: 'ready' });
    expect(await claim(id)).toBeNull();
    await terminate(id);
    expect((await claim(id))?.stepInput).toMatchObject({ terminateRequested: true, inbox: [{ seq: 1 }] });
  });

  it('nothing follows an exit signal, and signals of earlier attempts wake nobody', async () => {
    const begun = await begin();
    const { store, task, id, claim, receive } = begun;
    const first = await launch(begun);
    await store.markVoid(first.id, 'given-up');
    const second = await launch(begun, 2);
    await store.saveStep(task, { next: WAIT });
    expect(await receive(first, 1, { kind: 'ready' })).toBe('recorded');
    expect(await claim(id)).toBeNull();
    expect(await receive(second, 1, { kind: 'exit' })).toBe('recorded');
    expect(await receive(second, 2, { kind: 'output' })).toBe('ended');
    expect((await claim(id))?.stepInput?.inbox.map(({ attempt }) => attempt)).toEqual([2]);
  });

  it('a paused task is not claimed until it is resumed, unless it is terminated', async () => {
    const { store, task, id, claim, pause, resume, terminate } = await begin();
    await pause(id);
    expect(await store.beginStep(task)).toMatchObject({ paused: true });
    await store.saveStep(task, { next: { kind: 'yield' } });
    expect(await claim(id)).toBeNull();
    await resume(id);
    const again = (await claim(id))!;
    await pause(id);
    await store.saveStep(again, { next: WAIT });
    await terminate(id);
    expect((await claim(id))?.stepInput).toMatchObject({ paused: false, terminateRequested: true });
  });

  it('goes back to the wait that a signal cut short', async () => {
    const begun = await begin();
    const { store, task, id, claim, receive } = begun;
    const attempt = await launch(begun);
    await store.saveStep(task, { next: WAIT });
    await receive(attempt, 1, { kind: 'ready' });
    const again = (await claim(id))!;
    await store.saveStep(again, { next: { kind: 'wait-on', isCutBySignals: true } });
    expect(await claim(id)).toBeNull();
  });

  it('adds a child once, wakes its parent at its end, and ends it with the parent', async () => {
    const { store, task, id, claim } = await begin();
    const child = { kind: 'Basic', classVersion: '1', title: 'Child', group: 'Basic', priority: 'MEDIUM' } as const;
    const uuid = '00000000-0000-4000-8000-0000000000c1';
    const order = { effect: effect('child'), task: { ...child, uuid, workId: 'own', options: {} } };
    const added = await store.addChild(task, order);
    expect(added.kind).toBe('added');
    expect(await store.addChild(task, order)).toEqual(added);
    expect(
      await store.addChild(task, { effect: effect('same'), task: { ...order.task, workId: task.workId } }),
    ).toEqual({
      kind: 'work-held',
      by: id,
    });
    expect(await store.listChildren(id)).toMatchObject([{ title: 'Child', exitMessage: null }]);
    const ended = await store.saveStep(task, { exitStatus: 'COMPLETED', next: { kind: 'complete' } });
    expect(ended).toMatchObject({ hasOrphans: true });
    await store.endOrphans(id);
    const orphan = added.kind === 'added' ? await claim(added.id) : null;
    expect(orphan?.terminateRequestedAt).toBeInstanceOf(Date);
    expect(await store.findEndingTask(orphan!.id)).toMatchObject({ id, isParent: true });
    expect(await store.findEndingTask(id)).toBeNull();
  });

  it('a task that ended is not claimed again', async () => {
    const { store, task, id, claim, terminate } = await begin();
    await store.saveStep(task, { next: { kind: 'complete' } });
    await terminate(id);
    expect(await claim(id)).toBeNull();
  });
});
