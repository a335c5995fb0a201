import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { requestTerminate } from '../../../controlplane/store/control/control-task.ts';
import { listenForWakes } from '../../../controlplane/store/listen-for-wakes.ts';
import { setGroup } from '../../../controlplane/store/settings/groups.ts';
import { beginStep } from '../../../controlplane/store/tasks/begin-step.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { systemClock } from '../../../shared/support/clock.ts';
import { useTestDatabases, type TestDatabase } from '../../kit/database.ts';
import { eventually } from '../../kit/eventually.ts';
import { RecordingLog } from '../../kit/recording-log.ts';
import { addBasic, launchAttempt, sendSignal, startedTask } from '../../kit/store.ts';

const databases = useTestDatabases();
let test: TestDatabase;
let stop: AbortController;
let listening: Promise<void>;
let wakes: (number | null)[];

beforeEach(async () => {
  test = await databases.fresh();
  stop = new AbortController();
  wakes = [];
  const onWake = (id: number | null): void => void wakes.push(id);
  listening = listenForWakes({ url: test.url, onWake, log: new RecordingLog(), clock: systemClock }, stop.signal);
  // The first word is null: anything may have happened before the connection was there.
  await eventually('the connection listens', () => wakes.length === 1);
});

afterEach(async () => {
  stop.abort();
  await listening;
});

/** Tells apart "nobody was told" from "not told yet": notifications of one channel come in order of their commits. */
async function toldOf(act: () => Promise<unknown>): Promise<(number | null)[]> {
  wakes.length = 0;
  await act();
  await sql`SELECT pg_notify('wip_wake', '999999')`.execute(test.db);
  await eventually('the last word came', () => wakes.includes(999_999));
  return wakes.filter((id) => id !== 999_999);
}

describe('listenForWakes', () => {
  it('hears of a new task, of a woken sleeper, and of a task that is to be ended', async () => {
    const { db } = test;
    const sleeper = await startedTask(db);
    const attempt = await launchAttempt(db, sleeper);
    await beginStep(db, sleeper);
    await saveStep(db, sleeper, { next: { kind: 'wait', seconds: 3600, isCutBySignals: true } });
    expect(await toldOf(() => addBasic(db))).toEqual([sleeper.id + 1]);
    expect(await toldOf(() => sendSignal(db, attempt, 1))).toEqual([sleeper.id]);
    expect(await toldOf(() => requestTerminate(db, sleeper.id))).toEqual([sleeper.id]);
  });

  it('is not disturbed by signals of tasks that run or are runnable already', async () => {
    const { db } = test;
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    expect(await toldOf(() => sendSignal(db, attempt, 1))).toEqual([]);
    expect(
      await toldOf(() => saveStep(db, task, { next: { kind: 'wait', seconds: 9, isCutBySignals: true } })),
    ).toEqual([task.id]);
    expect(await toldOf(() => sendSignal(db, attempt, 2))).toEqual([]);
  });

  it('hears when a task ends, because another may have its place, and when a group gets more room', async () => {
    const { db } = test;
    const task = await startedTask(db);
    expect(await toldOf(() => saveStep(db, task, { next: { kind: 'complete' } }))).toEqual([task.id]);
    expect(await toldOf(() => setGroup(db, { name: 'Basic', maxRunning: 9 }))).toEqual([null]);
  });

  it('connects again when its connection breaks, and then looks at everything', async () => {
    wakes.length = 0;
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'wip-listen'
      AND datname = current_database()`.execute(test.db);
    await eventually('it listens again', () => wakes.includes(null));
    expect(await toldOf(() => addBasic(test.db))).toHaveLength(1);
  });
});
