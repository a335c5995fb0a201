import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../controlplane/statetable/seeded-random.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { setGroup } from '../../../controlplane/store/settings/groups.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import type { ClaimedTask } from '../../../controlplane/store/tasks/queue.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { claim } from '../../kit/database/store.ts';

const databases = useTestDatabases();

const TASKS = 400;
const RUNNING = 6;

interface Queued {
  readonly id: number;
  readonly workId: string;
  readonly isPrioritized: boolean;
  readonly priority: number;
  readonly paused: boolean;
}

/** Fills the queue of a group with tasks of so many work ids, four fifths of them of the first two. */
async function fillQueue(db: Db, works: number, random: () => number): Promise<Queued[]> {
  await sql`TRUNCATE task, group_limit CASCADE`.execute(db);
  await setGroup(db, { name: 'Basic', maxRunning: RUNNING });
  const tasks = Array.from({ length: TASKS }, (_, number) => ({
    number,
    workId: `work ${Math.floor(random() * (random() < 0.8 ? Math.min(2, works) : works))}`,
    isPrioritized: random() < 0.05,
    priority: Math.floor(random() * 4),
    paused: random() < 0.2,
  }));
  const { rows } = await sql<Queued>`
    INSERT INTO task (work_id, is_prioritized, priority, paused, kind, class_version, title, group_name, options)
    SELECT "workId", "isPrioritized", priority, paused, 'Basic', '1', 'Queued', 'Basic', '{}'
    FROM jsonb_to_recordset(${JSON.stringify(tasks)}::jsonb)
      AS task (number integer, "workId" text, "isPrioritized" boolean, priority smallint, paused boolean)
    ORDER BY number
    RETURNING id, work_id, is_prioritized, priority, paused`.execute(db);
  return rows;
}

/** The ids that a claim starts, by the words of the promise and not by the statement. */
function expectedStart(queue: readonly Queued[], held: ReadonlySet<string>, room: number): number[] {
  const taken = new Set(held);
  const started: number[] = [];
  const inOrder = queue.toSorted(
    (one, other) =>
      Number(other.isPrioritized) - Number(one.isPrioritized) || one.priority - other.priority || one.id - other.id,
  );
  for (const { id, workId, paused } of inOrder) {
    if (started.length === room) break;
    if (paused || taken.has(workId)) continue;
    taken.add(workId);
    started.push(id);
  }
  return started;
}

describe('the queue of a group', () => {
  // With few work ids the first task of each is looked at; with many the queue is passed over in its order.
  it.each([1, 3, 20, 33, 60, 150, 400])(
    'starts in its order, one task of each work id, with up to %i work ids',
    async (works) => {
      const { db } = await databases.fresh();
      const random = seededRandom(works);
      let queue = await fillQueue(db, works, random);
      const running: ClaimedTask[] = [];
      for (let round = 0; round < 40; round += 1) {
        const held = new Set(running.map(({ workId }) => workId));
        const expected = expectedStart(queue, held, RUNNING - running.length);
        const started = await claim(db);
        expect(started.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(expected.toSorted((a, b) => a - b));
        running.push(...started);
        queue = queue.filter(({ id }) => !expected.includes(id));
        const [ended] = running.splice(Math.floor(random() * running.length), 1);
        if (!ended) break;
        await saveStep(db, ended, { next: { kind: 'complete' } });
      }
      expect(queue.length).toBeLessThan(TASKS);
    },
  );
});
