import { describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { pauseTask, requestTerminate } from '../../../controlplane/store/control/control-task.ts';
import { setPause } from '../../../controlplane/store/control/pauses.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { claimNamed } from '../../../controlplane/store/tasks/claim-tasks.ts';
import type { ClaimedTask } from '../../../controlplane/store/tasks/queue.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { addBasic, claim, launchAttempt, sendSignal, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();

function claimByName(db: Db, ids: readonly TaskId[], node = 'node-1'): Promise<ClaimedTask[]> {
  return claimNamed(db, { node, leaseSeconds: 30, kinds: [{ kind: 'Basic', classVersion: '1' }] }, ids);
}

/** Adds a task under way that is due. */
async function dueTask(db: Db): Promise<ClaimedTask> {
  const task = await startedTask(db);
  await saveStep(db, task, { next: { kind: 'yield' } });
  return task;
}

describe('a task that a node was told of', () => {
  it('is given to one of many nodes that were told', async () => {
    const { db } = await databases.fresh();
    await sql`INSERT INTO group_limit (name, max_running) VALUES ('Basic', 100)`.execute(db);
    for (let count = 0; count < 20; count += 1) await addBasic(db);
    const tasks = await claim(db, { limit: 20 });
    for (const task of tasks) await saveStep(db, task, { next: { kind: 'yield' } });
    const ids = tasks.map(({ id }) => id);
    const nodes = Array.from({ length: 8 }, (_, index) => `node-${index}`);
    const claims = await Promise.all(nodes.map((node) => claimByName(db, ids, node)));
    const taken = claims.flat().map(({ id }) => id);
    expect(taken.toSorted((a, b) => a - b)).toEqual(ids);
  });

  it('is claimed with the signal that woke it, under a new token, and is no takeover', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    await saveStep(db, task, { next: { kind: 'wait', seconds: 3600, isCutBySignals: true } });
    await sendSignal(db, attempt, 1);
    const [claimed] = await claimByName(db, [task.id]);
    expect(claimed).toMatchObject({ token: task.token + 1, isTakeover: false, takeovers: 0 });
    expect(claimed?.stepInput).toMatchObject({ inbox: [{ seq: 1 }], attempt: { number: 1 } });
    const saved = await saveStep(db, claimed!, { next: { kind: 'wait', seconds: 3600, isCutBySignals: true } });
    expect(saved).toMatchObject({ kind: 'saved', hasNews: false });
  });

  it.each<[string, (db: Db, task: ClaimedTask) => Promise<unknown>]>([
    [
      'it sleeps',
      (db, { id }) => sql`UPDATE task SET wake_at = now() + interval '1 hour' WHERE id = ${id}`.execute(db),
    ],
    ['it is paused', (db, { id }) => pauseTask(db, id)],
    ['its group has a hard pause', (db) => setPause(db, { scope: 'group', name: 'Basic' }, 'hard')],
    ['everything has a hard pause', (db) => setPause(db, { scope: 'global' }, 'hard')],
    ['another node has it', (db, { id }) => claimByName(db, [id], 'node-2')],
    [
      'its lease ran out, which counts as a takeover',
      (db, { id }) =>
        claimByName(db, [id]).then(() => sql`UPDATE task SET lease_until = now() - interval '1 second'`.execute(db)),
    ],
    ['it has ended', (db, { id }) => sql`UPDATE task SET status = 3 WHERE id = ${id}`.execute(db)],
    [
      'it was restarted and has yet to be admitted',
      (db, { id }) => sql`UPDATE task SET status = 4, slot = 'none' WHERE id = ${id}`.execute(db),
    ],
    [
      'the node has not loaded its class',
      (db, { id }) => sql`UPDATE task SET class_version = '2' WHERE id = ${id}`.execute(db),
    ],
  ])('is not taken by its name while %s', async (_why, change) => {
    const { db } = await databases.fresh();
    const task = await dueTask(db);
    await change(db, task);
    expect(await claimByName(db, [task.id])).toEqual([]);
  });

  it('is not started by its name when it is new, because its group decides that', async () => {
    const { db } = await databases.fresh();
    const { id } = await addBasic(db);
    expect(await claimByName(db, [id])).toEqual([]);
  });

  it('is taken though it is paused when it is to be terminated', async () => {
    const { db } = await databases.fresh();
    const task = await dueTask(db);
    await pauseTask(db, task.id);
    await requestTerminate(db, task.id);
    expect((await claimByName(db, [task.id]))[0]?.stepInput).toMatchObject({ terminateRequested: true, paused: false });
  });
});
