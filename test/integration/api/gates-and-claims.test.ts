import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { createQueueService } from '../../../controlplane/api/queue/queue-service.ts';
import { findWaitReasons } from '../../../controlplane/api/tasks/why/wait-reasons.ts';
import { pauseTask, requestTerminate, restartTask } from '../../../controlplane/store/control/control-task.ts';
import { clearPause, setPause } from '../../../controlplane/store/control/pauses.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { findTask } from '../../../controlplane/store/tasks/read-tasks.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { addBasic, claim, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();

const PAUSES = [null, 'soft', 'hard'] as const;
const SITUATIONS = ['queued', 'behind a full group', 'child', 'waiting', 'restarted before its end'] as const;
type Situation = (typeof SITUATIONS)[number];

/** Makes a task that a node would take now, if nothing but its group's limit held it back. */
async function make(db: Db, situation: Situation): Promise<TaskId> {
  if (situation === 'queued') return (await addBasic(db)).id;
  if (situation === 'child') return (await addBasic(db, { parentId: (await startedTask(db)).id })).id;
  if (situation === 'behind a full group') {
    await startedTask(db);
    await sql`UPDATE group_limit SET max_running = 1`.execute(db);
    return (await addBasic(db)).id;
  }
  const { id } = await startedTask(db);
  if (situation === 'restarted before its end') await restartTask(db, id);
  else
    await sql`UPDATE task SET status = 1, owner = NULL, lease_until = NULL, wake_at = now() WHERE id = ${id}`.execute(
      db,
    );
  return id;
}

async function reset(db: Db): Promise<void> {
  await clearPause(db, { scope: 'global' });
  await clearPause(db, { scope: 'group', name: 'Basic' });
  await sql`UPDATE task SET status = 3, slot = 'none', completed_at = now() WHERE status <> 3`.execute(db);
  await sql`UPDATE group_limit SET running = 0, max_running = 3`.execute(db);
}

describe('the reason why a task waits, and its gates', () => {
  it.each(SITUATIONS)('are what keeps nodes from taking it (%s)', { timeout: 60_000 }, async (situation) => {
    const { db } = await databases.fresh();
    const groupTimes = { findTimes: () => Promise.resolve(new Map()) };
    const queue = createQueueService({ db, clock: systemClock, groupTimes });
    for (const global of PAUSES) {
      for (const ofGroup of PAUSES) {
        for (const isPaused of [false, true]) {
          for (const isTerminating of [false, true]) {
            const id = await make(db, situation);
            if (global) await setPause(db, { scope: 'global' }, global);
            if (ofGroup) await setPause(db, { scope: 'group', name: 'Basic' }, ofGroup);
            if (isPaused) await pauseTask(db, id);
            if (isTerminating) await requestTerminate(db, id);
            const task = (await findTask(db, { id }))!;
            const reason = (await findWaitReasons(db, [task])).get(id)?.code ?? null;
            const closed = (await queue.readQueue(id))!.gates.filter(({ isOpen }) => !isOpen).map(({ code }) => code);
            const isTaken = (await claim(db)).some((one) => one.id === id);
            const what = JSON.stringify({ global, ofGroup, isPaused, isTerminating, reason, closed });
            expect(closed.length === 0, what).toBe(isTaken);
            expect(closed.find((code) => code !== 'task-paused') ?? null, what).toBe(reason);
            await reset(db);
          }
        }
      }
    }
  });
});

describe('the reason of a task whose node was killed', () => {
  it('is that its lease is over, by the clock of the database, and nothing while the lease holds', async () => {
    const { db } = await databases.fresh();
    const { id } = await startedTask(db);
    const reasonOf = async () => (await findWaitReasons(db, [(await findTask(db, { id }))!])).get(id) ?? null;
    expect(await reasonOf()).toBeNull();
    await sql`UPDATE task SET lease_until = now() - interval '2 minutes' WHERE id = ${id}`.execute(db);
    const clause = expect.stringMatching(
      /^the lease of its node node-1 ended at .*Z, and no other node has taken it over$/,
    );
    expect(await reasonOf()).toMatchObject({ code: 'node-lost', clause });
  });
});
