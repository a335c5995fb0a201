import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { requestTerminate } from '../../../controlplane/store/control/control-task.ts';
import { DatabaseOutage } from '../../../controlplane/store/database-outage.ts';
import { createWakeChannel, type WakeChannel } from '../../../controlplane/store/create-wake-channel.ts';
import { setGroup } from '../../../controlplane/store/settings/groups.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { TaskId } from '../../../shared/model/ids.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { useTestDatabases, type TestDatabase } from '../../kit/database/database.ts';
import { eventually } from '../../kit/eventually.ts';
import { RecordingLog } from '../../kit/recording-log.ts';
import { addBasic, claim, launchAttempt, sendSignal, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();
const LONG_WAIT = { kind: 'wait', seconds: 3600, isCutBySignals: true } as const;
let test: TestDatabase;
let stop: AbortController;
let channels: Promise<void>[];
let wakes: (number | null)[];

beforeEach(async () => {
  test = await databases.fresh();
  stop = new AbortController();
  channels = [];
  wakes = [];
  await openChannel(wakes);
});

afterEach(async () => {
  stop.abort();
  await Promise.all(channels);
});

/** Makes the channel of one node, which does not listen yet. Its notifications are added to `heard`. */
function makeChannel(heard: (number | null)[]): WakeChannel {
  return createWakeChannel({
    url: test.url,
    onWake: (id) => void heard.push(id),
    outage: new DatabaseOutage(new RecordingLog(), systemClock),
    clock: systemClock,
  });
}

/** Opens the channel of one node and waits until it listens. Its notifications are added to `heard`. */
async function openChannel(heard: (number | null)[]): Promise<WakeChannel> {
  const channel = makeChannel(heard);
  channels.push(channel.run(stop.signal));
  // The first notification is null, because anything may have happened before the connection was there.
  await eventually('the connection listens', () => heard.length >= 1);
  heard.length = 0;
  return channel;
}

/**
 * Returns the notifications that `act` causes. One more is sent after them: notifications of a channel come in the
 * order of their commits, so when that has come, none is missing.
 */
async function toldOf(act: () => unknown): Promise<(number | null)[]> {
  wakes.length = 0;
  await act();
  await sql`SELECT pg_notify('wip_wake', '999999')`.execute(test.db);
  await eventually('the last word came', () => wakes.includes(999_999));
  return wakes.filter((id) => id !== 999_999);
}

describe('a node that listens', () => {
  it('hears of a new task, of one that is to be ended, and of a group that gets more room', async () => {
    expect(await toldOf(() => addBasic(test.db))).toEqual([1]);
    const id = TaskId.parse(1);
    expect(await toldOf(() => requestTerminate(test.db, id))).toEqual([id]);
    expect(await toldOf(() => setGroup(test.db, { name: 'Basic', maxRunning: 9 }))).toEqual([null]);
  });

  it('connects again when its connection breaks, and then looks at everything', async () => {
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'wip-listen'
      AND datname = current_database()`.execute(test.db);
    await eventually('it listens again', () => wakes.includes(null));
    expect(await toldOf(() => addBasic(test.db))).toHaveLength(1);
  });
});

describe('a node that tells', () => {
  it('is told at once and once, and the others soon', async () => {
    const heard: (number | null)[] = [];
    const channel = await openChannel(heard);
    channel.notify(TaskId.parse(7));
    expect(heard).toEqual([7]);
    await eventually('the other node hears', () => wakes.includes(7));
    await toldOf(() => undefined);
    await eventually('its own channel is up to date', () => heard.includes(999_999));
    expect(heard).toEqual([7, 999_999]);
  });

  it('says nothing twice that comes while it speaks, and of a thousand tasks only that they are many', async () => {
    const heard: (number | null)[] = [];
    const channel = await openChannel(heard);
    channel.notify(TaskId.parse(1));
    // The statement about the first task is under way, so these go together with the next one.
    for (let n = 0; n < 3; n += 1) channel.notify(TaskId.parse(2));
    await eventually('both were told', () => wakes.includes(2));
    expect(wakes).toEqual([1, 2]);
    for (let id = 1; id <= 1_002; id += 1) channel.notify(TaskId.parse(id));
    await eventually('anything may have happened', () => wakes.includes(null));
    expect(wakes).toEqual([1, 2, 1, null]);
  });

  it('tells itself without a connection too, and goes on telling others with the next one', async () => {
    const heard: (number | null)[] = [];
    const channel = makeChannel(heard);
    channel.notify(TaskId.parse(7));
    expect(heard).toEqual([7]);
    channels.push(channel.run(stop.signal));
    await eventually('it is connected', () => heard.includes(null));
    await toldOf(() => channel.notify(TaskId.parse(8)));
    await eventually('the other node hears', () => wakes.includes(8));
    expect(wakes).not.toContain(7);
  });
});

describe('what a store function says the nodes should be told', () => {
  it('is that a signal has woken a sleeper, and not that one came to a task that runs or is runnable', async () => {
    const { db } = test;
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    expect(await sendSignal(db, attempt, 1)).toMatchObject({ hasWoken: false });
    expect(await saveStep(db, task, { next: LONG_WAIT })).toMatchObject({ toNotify: [task.id] });
    expect(await sendSignal(db, attempt, 2)).toMatchObject({ hasWoken: false });
    const [again] = await claim(db);
    expect(await saveStep(db, again!, { next: LONG_WAIT })).toMatchObject({ toNotify: [] });
    expect(await sendSignal(db, attempt, 3)).toMatchObject({ hasWoken: true });
  });

  it('is that a task has ended, because another may have its place, and that its parent should look', async () => {
    const { db } = test;
    const parent = await startedTask(db);
    const child = await startedTask(db, { parentId: parent.id });
    expect(await saveStep(db, child, { next: { kind: 'complete' } })).toMatchObject({
      toNotify: [child.id, parent.id],
    });
    expect(await saveStep(db, parent, { next: { kind: 'complete' } })).toMatchObject({ toNotify: [parent.id] });
  });
});
