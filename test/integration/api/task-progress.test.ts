import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { createUsualTimesService } from '../../../controlplane/api/tasks/build/usual-times-service.ts';
import { noteStepHeaders } from '../../../controlplane/store/attempts/note-step-headers.ts';
import { markVerified } from '../../../controlplane/store/attempts/mark-attempt.ts';
import { findAttempt } from '../../../controlplane/store/attempts/find-attempt.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { readProgress } from '../../../controlplane/store/tasks/read-progress.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { addBasic, launchAttempt, startedTask } from '../../kit/database/store.ts';
import { TaskId } from '../../../shared/model/ids.ts';

const databases = useTestDatabases();
const BUILD = { vcsUri: 'https://ann:secret@example.org/app.git', vcsPath: 'main' };
const SOURCE = { repository: 'https://example.org/app.git', branch: 'main', ref: null, commit: null };

/** Adds a task that has ended `seconds` after its start. */
async function addEnded(db: Db, seconds: number, changes: { options?: object; exit?: number } = {}): Promise<void> {
  const { id } = await addBasic(db, { options: { ...BUILD, ...changes.options } });
  await sql`UPDATE task SET status = 3, exit_status = ${changes.exit ?? 4}, created_at = now() - interval '1 hour',
    started_at = now() - interval '50 minutes', completed_at = now() - interval '50 minutes' + make_interval(secs => ${seconds})
    WHERE id = ${id}`.execute(db);
}

describe('the progress of a task', () => {
  it('has its source without a password, and the step whose header came last', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db, { options: BUILD });
    const { callbackId } = await launchAttempt(db, task);
    const header = { event: 'build', number: 1, of: 2, name: 'fetch', offset: 0 };
    await noteStepHeaders(db, callbackId, [header, { ...header, number: 2, name: 'test' }, header]);
    const other = await addBasic(db);
    const progress = await readProgress(db, [task.id, other.id]);
    expect(progress.get(task.id)).toMatchObject({ source: SOURCE, step: { number: 2, name: 'test' } });
    expect(progress.get(task.id)?.step?.at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(progress.get(other.id)).toEqual({ source: null, stateSince: null, step: null });
  });

  it('takes the commit from the memory, and no step any more once the record is there', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db, { options: { ...BUILD, mergeRef: 'refs/pull/7/merge' } });
    const { callbackId } = await launchAttempt(db, task);
    await noteStepHeaders(db, callbackId, [{ event: 'build', number: 1, of: 1, name: 'a', offset: 0 }]);
    await sql`UPDATE task SET memory = '{"buildFile":{"commit":"abc"},"steps":[]}' WHERE id = ${task.id}`.execute(db);
    expect((await readProgress(db, [task.id])).get(task.id)).toMatchObject({
      source: { ...SOURCE, ref: 'refs/pull/7/merge', commit: 'abc' },
      step: null,
    });
  });

  it('counts the time in a state from its entry, not from the last look at it', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    await sql`UPDATE task SET state = 'b' WHERE id = ${task.id}`.execute(db);
    await sql`INSERT INTO step (task_id, entry, from_state, value, state, executed, took_ms, started_at, wait_seconds) VALUES
      (${task.id}, 1, NULL, NULL, 'a', true, 0, '2026-11-28T12:00:00Z', 0),
      (${task.id}, 2, 'a', '', 'b', true, 0, '2026-11-28T12:00:05Z', 0),
      (${task.id}, 2, 'b', 'wait', 'b', false, 0, '2026-11-28T12:00:35Z', 0)`.execute(db);
    const since = (await readProgress(db, [task.id])).get(task.id)?.stateSince;
    expect(since?.toISOString()).toBe('2026-11-28T12:00:05.000Z');
  });

  it('has the limits that the agent named, also after a later proof without them', async () => {
    const { db } = await databases.fresh();
    const attempt = await launchAttempt(db, await startedTask(db));
    const address = { host: '127.0.0.1', port: 22 };
    await markVerified(db, attempt.id, address, { timeSeconds: 60, diskBytes: null });
    await markVerified(db, attempt.id, address);
    expect((await findAttempt(db, attempt))?.limits).toEqual({ timeSeconds: 60, diskBytes: null });
  });
});

// No test here adds as many.
const OTHER_TASK = TaskId.parse(1_000_000);

describe('the usual time', () => {
  it('is that of the successes of the same group, repository and branch', async () => {
    const { db } = await databases.fresh();
    for (const seconds of [10, 20, 40]) await addEnded(db, seconds);
    await addEnded(db, 900, { exit: 5 });
    await addEnded(db, 800, { options: { vcsPath: 'next' } });
    const usual = createUsualTimesService(db);
    const alike = { id: OTHER_TASK, group: 'Basic', source: SOURCE };
    const times = await usual.findTimes(alike);
    expect(times).toMatchObject({ samples: 3, queued: { medianSeconds: 600 }, starting: null, running: null });
    expect(times?.total?.medianSeconds).toBeCloseTo(20, 3);
    expect(times?.total?.p95Seconds).toBeCloseTo(38, 3);
    const seconds = await usual.findSeconds([{ ...alike, group: 'Other' }, alike, { ...alike, source: null }]);
    expect(seconds.map((one) => one && Math.round(one))).toEqual([null, 20, null]);
  });

  it('does not compare the first success of a branch with itself', async () => {
    const { db } = await databases.fresh();
    await addEnded(db, 40);
    const { rows } = await sql<{ id: TaskId }>`SELECT id FROM task`.execute(db);
    const first = { id: rows[0]!.id, group: 'Basic', source: SOURCE };
    const usual = createUsualTimesService(db);
    expect([await usual.findTimes(first), await usual.findSeconds([first])]).toEqual([null, [null]]);
    const next = { ...first, id: OTHER_TASK };
    expect(await usual.findTimes(next)).toMatchObject({ samples: 1 });
    expect((await usual.findSeconds([next]))[0]).toBeCloseTo(40, 3);
  });

  it('counts each phase up to the beginning of the next', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db, { options: BUILD });
    await launchAttempt(db, task);
    await sql`UPDATE container_attempt SET ssh_verified_at = '2026-11-28T12:00:15Z'`.execute(db);
    await sql`UPDATE task SET status = 3, exit_status = 4, created_at = '2026-11-28T12:00:00Z',
      started_at = '2026-11-28T12:00:05Z', completed_at = '2026-11-28T12:01:00Z' WHERE id = ${task.id}`.execute(db);
    await sql`INSERT INTO step (task_id, entry, from_state, value, state, executed, took_ms, started_at, wait_seconds)
      VALUES (${task.id}, 9, 'a', '', 'containerWipStop', true, 0, '2026-11-28T12:00:55Z', 0)`.execute(db);
    const times = await createUsualTimesService(db).findTimes({ id: OTHER_TASK, group: 'Basic', source: SOURCE });
    const medians = Object.entries(times ?? {}).map(([name, value]) => [
      name,
      typeof value === 'object' ? value?.medianSeconds : value,
    ]);
    expect(Object.fromEntries(medians)).toEqual({
      ...{ samples: 1, queued: 5, starting: 10, running: 40, ending: 5, total: 55 },
    });
  });
});
