import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { EngineObserver } from '../../../controlplane/engine/engine-observer.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { setGroup } from '../../../controlplane/store/settings/groups.ts';
import { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { PRIORITY, type Priority } from '../../../shared/model/status.ts';
import { TaskId } from '../../../shared/model/ids.ts';
import { systemClock, type Clock } from '../../../shared/time/clock.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { addOf, engineDeps, kindOf, runEngine } from '../../kit/engine.ts';
import { eventually } from '../../kit/eventually.ts';
import { UNOBSERVED } from '../../testkit/world/unobserved.ts';

const databases = useTestDatabases();
const task = { uuid: 'u', options: {} };

/** Notes who is asked, in order. The first of `held` waits until the gate opens. */
function listener(heard: TaskId[], gates: Map<TaskId, Promise<void>>): () => BasicWip {
  class Listens extends BasicWip {
    override getStateTable(): string {
      return 'start:hear {\n  more start wait=3600 exec=false\n}\nfailure {\n  * finish\n}\n';
    }
    async hear({ taskId }: WipContext): Promise<string> {
      heard.push(TaskId.parse(taskId));
      await gates.get(TaskId.parse(taskId));
      return 'more';
    }
  }
  return () => new Listens(task);
}

// As in engine/run/engine.ts.
const ADMISSION_MS = 10;
const MAX_SLEEP_MS = 1_000;

/** A clock that goes on between two admissions only. A longer sleep ends when the node is woken. */
class HaltingClock implements Clock {
  readonly now = systemClock.now;
  #nowMs = 0;
  #asleep: AbortSignal | undefined;

  readonly monotonicMs = (): number => this.#nowMs;

  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    if (ms <= ADMISSION_MS) {
      this.#nowMs += ms;
      return Promise.resolve();
    }
    // Leases are kept by longer sleeps.
    if (ms <= MAX_SLEEP_MS) this.#asleep = signal;
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
  };

  /** Whether the node sleeps until it is woken. */
  isNodeAsleep(): boolean {
    return this.#asleep?.aborted === false;
  }
}

interface Node {
  readonly db: Db;
  readonly heard: TaskId[];
  readonly gates: Map<TaskId, Promise<void>>;
  readonly engine: { wake(task?: TaskId): void };
  /** Adds a task that waits, and returns when the node has no reason to look again. */
  add(priority?: Priority): Promise<TaskId>;
  /** Ends its wait, and tells nobody. */
  makeDue(id: TaskId): Promise<void>;
}

/** Starts a node that looks for tasks only when it is woken. */
async function startNode(concurrency: number): Promise<Node> {
  const { db } = await databases.fresh();
  await setGroup(db, { name: 'T', maxRunning: 10 });
  const heard: TaskId[] = [];
  const gates = new Map<TaskId, Promise<void>>();
  const clock = new HaltingClock();
  let held = 0;
  const observer: EngineObserver = {
    ...UNOBSERVED,
    claimed: () => (held += 1),
    saved: (kind) => (held -= kind === 'wait' ? 1 : 0),
  };
  const kinds = [kindOf('T', listener(heard, gates))];
  const engine = runEngine(engineDeps(db, kinds, { clock, concurrency, observer }));
  onTestFinished(() => engine.stop());
  const makeDue = async (id: TaskId): Promise<void> => {
    await sql`UPDATE task SET wake_at = now() WHERE id = ${id}`.execute(db);
  };
  const add = async (priority: Priority = 'MEDIUM'): Promise<TaskId> => {
    const id = TaskId.parse(await addOf(db, 'T'));
    await sql`UPDATE task SET priority = ${PRIORITY[priority]} WHERE id = ${id}`.execute(db);
    engine.wake();
    await untilAsleep(db, id);
    await eventually('the node to sleep', () => held === 0 && clock.isNodeAsleep());
    return id;
  };
  return { db, heard, gates, engine, add, makeDue };
}

async function untilAsleep(db: Db, id: TaskId): Promise<void> {
  await eventually(`task ${id} to wait`, async () => {
    const { rows } = await sql`SELECT FROM task WHERE id = ${id} AND status = 1 AND wake_at > now()`.execute(db);
    return rows.length === 1;
  });
}

describe('a node that is told which task is due', () => {
  it('runs that one, and looks for no other', async () => {
    const { db, heard, engine, add, makeDue } = await startNode(4);
    const [silent, named] = [await add(), await add()];
    await makeDue(silent);
    await makeDue(named);
    heard.length = 0;
    engine.wake(named);
    await untilAsleep(db, named);
    expect(heard).toEqual([named]);
    engine.wake();
    await untilAsleep(db, silent);
    expect(heard).toEqual([named, silent]);
  });

  it('starts a new task that it was told of', async () => {
    const { db, heard, engine } = await startNode(4);
    await eventually('the node to have looked', async () => {
      const id = TaskId.parse(await addOf(db, 'T'));
      engine.wake(id);
      await untilAsleep(db, id);
      return heard.length === 2;
    });
  });

  it.each([
    ['while it has no room', 1],
    ['while it has less room than it was told of tasks', 2],
  ])('runs those first that go first, %s', async (_when, concurrency) => {
    const { db, heard, gates, engine, add, makeDue } = await startNode(concurrency);
    const [busy, low, lower, critical] = [await add(), await add('LOW'), await add('LOW'), await add('CRITICAL')];
    const gate = Promise.withResolvers<void>();
    gates.set(busy, gate.promise);
    await makeDue(busy);
    heard.length = 0;
    engine.wake(busy);
    await eventually('the node to be busy', () => heard.length >= 1);
    for (const id of [critical, low, lower]) await makeDue(id);
    engine.wake(low);
    engine.wake(lower);
    gate.resolve();
    for (const id of [low, lower]) await untilAsleep(db, id);
    expect(heard).toEqual([busy, critical, low, lower]);
  });
});
