import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { prepareTask } from '../../../controlplane/engine/prepare-task.ts';
import { sweepContainers } from '../../../controlplane/engine/sweep/sweep-containers.ts';
import { requestTerminate, restartTask } from '../../../controlplane/store/control/control-task.ts';
import { setGroup } from '../../../controlplane/store/settings/groups.ts';
import { endOrphans } from '../../../controlplane/store/tasks/children.ts';
import { claimTasks } from '../../../controlplane/store/tasks/claim-tasks.ts';
import { addTask } from '../../../controlplane/store/tasks/add-task.ts';
import { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { ChildTask, NewChild, WipContext } from '../../../controlplane/tasks/context.ts';
import { TaskId } from '../../../shared/model/ids.ts';
import { useTestDatabases, type TestDatabase } from '../../kit/database/database.ts';
import { addOf, endOf, engineDeps, kindOf, runEngine } from '../../kit/engine.ts';
import { eventually } from '../../kit/eventually.ts';

const databases = useTestDatabases();
const CHILD: NewChild = { kind: 'Child', options: {}, group: 'Parent' };

/** Adds two children and waits until both have ended. */
class Parent extends BasicWip {
  override getStateTable(): string {
    return `add:check {\n  more  add wait=3600 exec=false\n  done  finish\n  !     failure\n}\nterminate {\n  * finish\n}\nfailure {\n  * finish\n}\n`;
  }
  async add(context: WipContext): Promise<void> {
    for (const name of ['one', 'two']) await context.addTask(name, { ...CHILD, title: name });
  }
  async check(context: WipContext): Promise<string> {
    const children = await context.children();
    if (!children.every(({ status }) => status === 'COMPLETE')) return 'more';
    context.exit('WARNING', JSON.stringify(children));
    return 'done';
  }
}

/** Adds two children and ends before them. */
class Leaves extends Parent {
  override check(): Promise<string> {
    return Promise.resolve('done');
  }
}

class Child extends BasicWip {
  override start(context: WipContext): void {
    context.exit('ERROR_USER', 'It did not work.', { cause: 'test' });
  }
}

/** Waits forever. */
class Sleeper extends BasicWip {
  override getStateTable(): string {
    return `start:sleep {\n  more start wait=3600 exec=false\n}\nterminate {\n  * finish\n}\nfailure {\n  * finish\n}\n`;
  }
  sleep(): string {
    return 'more';
  }
}

/** Waits for ever, without a state for its termination. */
class Plain extends Sleeper {
  override getStateTable(): string {
    return `start:sleep {\n  more start wait=3600 exec=false\n}\n`;
  }
}

const sleeper: Make = (task) => new Sleeper(task);

type Make = Parameters<typeof kindOf>[1];

async function start(parent: Make, child: Make = (task) => new Child(task)) {
  const database = await databases.fresh();
  // The group has room for the parent only: children need no room.
  await setGroup(database.db, { name: 'Parent', maxRunning: 1 });
  const deps = engineDeps(database.db, [kindOf('Parent', parent), kindOf('Child', child)]);
  const engine = runEngine(deps);
  onTestFinished(() => engine.stop());
  const id = TaskId.parse(await addOf(database.db, 'Parent'));
  return { database, deps, engine, id };
}

interface ChildState {
  readonly id: number;
  readonly status: number;
  readonly asked: boolean;
  readonly slot: string;
}

async function childrenOf({ db }: TestDatabase): Promise<ChildState[]> {
  const { rows } = await sql<ChildState>`
    SELECT id, status, terminate_requested_at IS NOT NULL AS asked, slot FROM task WHERE parent_id IS NOT NULL ORDER BY id`.execute(
    db,
  );
  return rows;
}

async function isAsleep(database: TestDatabase, id: number): Promise<void> {
  await eventually('it sleeps', async () =>
    (await childrenOf(database)).some((child) => child.id === id && child.status === 1),
  );
}

describe('a task with children', () => {
  it('lets them run in its own slot, and is told when they have ended and how', async () => {
    const { database, id } = await start((task) => new Parent(task));
    const end = await endOf(database.db, id);
    const children = JSON.parse(end.exitMessage ?? '[]') as ChildTask[];
    const ended = {
      kind: 'Child',
      status: 'COMPLETE',
      exitStatus: 'ERROR_USER',
      exitMessage: 'It did not work.',
      cause: 'test',
    };
    expect(children).toEqual(['one', 'two'].map((title) => ({ id: expect.any(Number) as number, title, ...ended })));
    const group = await sql`SELECT running FROM group_limit WHERE name = 'Parent'`.execute(database.db);
    expect(group.rows).toEqual([{ running: 0 }]);
  });

  it('adds each of them once, though its state runs again', async () => {
    let runs = 0;
    class Interrupted extends Parent {
      override async add(context: WipContext): Promise<void> {
        runs += 1;
        const ids = [await context.addTask('one', CHILD, 'task'), await context.addTask('two', CHILD, 'task')];
        context.memory['ids'] = ids;
        if (runs === 1) throw new Error('again');
      }
      override getStateTable(): string {
        return super.getStateTable().replace('failure {\n  * finish', 'failure {\n  * add');
      }
    }
    const { database, id } = await start((task) => new Interrupted(task));
    await endOf(database.db, id);
    expect(runs).toBe(2);
    const children = await childrenOf(database);
    const { rows } = await sql<{ ids: number[] }>`SELECT memory->'ids' AS ids FROM task WHERE id = ${id}`.execute(
      database.db,
    );
    expect(children.map((child) => child.id)).toEqual(rows[0]!.ids);
  });

  it('takes them along when it ends before them', async () => {
    const { database, id } = await start((task) => new Leaves(task), sleeper);
    await endOf(database.db, id);
    const [one] = await childrenOf(database);
    expect(await endOf(database.db, one!.id)).toMatchObject({ exitStatus: 'TERMINATED' });
    expect((await childrenOf(database)).every(({ asked }) => asked)).toBe(true);
  });

  it.each([
    ['a child that has started', (task) => new Sleeper(task), undefined],
    ['one without a terminate state', (task) => new Plain(task), undefined],
    ['one that has not started', (task) => new Sleeper(task), 'main'],
  ] satisfies [string, Make, string | undefined][])(
    'whose end ends %s, says so in the end of the child, and no request',
    async (_what, child, workId) => {
      class Above extends Leaves {
        override workId(): string {
          return 'above';
        }
      }
      const { database, id } = await start(
        (task) => new Above(task),
        (task) => Object.assign(child(task), workId && { workId: () => workId }),
      );
      await endOf(database.db, id);
      const exitMessage = `Its parent, task ${id}, ended.`;
      for (const { id: one } of await childrenOf(database)) {
        const end = await endOf(database.db, one);
        expect(end).toMatchObject({ exitStatus: 'TERMINATED', exitMessage, cause: 'parent-ended' });
        expect(end.logs).toContain(exitMessage);
      }
    },
  );

  it('does not take the reason of a person who ended the child before', async () => {
    const { database, id } = await start((task) => new Parent(task), sleeper);
    await eventually(
      'both sleep',
      async () => (await childrenOf(database)).filter((one) => one.status === 1).length === 2,
    );
    const [one] = await childrenOf(database);
    await requestTerminate(database.db, TaskId.parse(one!.id));
    await requestTerminate(database.db, id);
    await endOf(database.db, id);
    expect(await endOf(database.db, one!.id)).toMatchObject({ cause: 'terminated' });
  });

  it('whose ended child is restarted after its end lets it run in a slot of its own group, and no sweep ends it', async () => {
    const { database, deps, id } = await start((task) => new Leaves(task), sleeper);
    await endOf(database.db, id);
    const [one, two] = await childrenOf(database);
    await endOf(database.db, one!.id);
    await endOf(database.db, two!.id);
    expect(await restartTask(database.db, TaskId.parse(one!.id))).toBe('done');
    await isAsleep(database, one!.id);
    await endOrphans(database.db, null);
    await endOrphans(deps.db, id);
    expect((await childrenOf(database))[0]).toEqual({ id: one!.id, status: 1, asked: false, slot: 'own' });
  });

  it('that is over lets a child be restarted while that is being ended: it gives the slot back and queues', async () => {
    const { database, engine, id } = await start((task) => new Leaves(task), sleeper);
    await endOf(database.db, id);
    await engine.stop();
    const [one] = await childrenOf(database);
    await sql`UPDATE task SET status = 1, slot = 'parent', completed_at = NULL, terminate_requested_at = now()
      WHERE id = ${one!.id}`.execute(database.db);
    expect(await restartTask(database.db, TaskId.parse(one!.id))).toBe('done');
    await endOrphans(database.db, null);
    expect((await childrenOf(database))[0]).toEqual({ id: one!.id, status: 4, asked: false, slot: 'none' });
  });

  it('that ended before a child had started does not let it start by its group', async () => {
    const { database, engine, id } = await start((task) => new Leaves(task), sleeper);
    await endOf(database.db, id);
    await engine.stop();
    await sql`UPDATE task SET status = 0, slot = 'none', completed_at = NULL, terminate_requested_at = NULL
      WHERE parent_id = ${id}`.execute(database.db);
    const kinds = [{ kind: 'Child', classVersion: '1' }];
    const claim = { node: 'n', limit: 9, leaseSeconds: 9, kinds };
    expect((await claimTasks(database.db, claim)).tasks).toEqual([]);
    await endOrphans(database.db, null);
    expect((await claimTasks(database.db, claim)).tasks).toMatchObject([{ slot: 'none' }, { slot: 'none' }]);
  });

  it('whose node died at its end has them ended by the next sweep', async () => {
    const { database, deps, engine, id } = await start(
      (task) => new Parent(task),
      (task) => new Sleeper(task),
    );
    await eventually(
      'both sleep',
      async () => (await childrenOf(database)).filter(({ status }) => status === 1).length === 2,
    );
    await engine.stop();
    await sql`UPDATE task SET status = 3, completed_at = now() WHERE id = ${id}`.execute(database.db);
    const stop = new AbortController();
    const sweeping = sweepContainers(deps, stop.signal);
    await eventually('they are asked to end', async () => (await childrenOf(database)).every(({ asked }) => asked));
    stop.abort();
    await sweeping;
  });

  it('that starts again sees those of its new run only', async () => {
    const { database, id } = await start((task) => new Parent(task));
    await endOf(database.db, id);
    expect(await restartTask(database.db, id)).toBe('done');
    const end = await endOf(database.db, id);
    expect(JSON.parse(end.exitMessage ?? '[]')).toHaveLength(2);
    expect(await childrenOf(database)).toHaveLength(4);
  });

  it('fails with the reason when there is no such kind, or its options are wrong', async () => {
    class Wrong extends Parent {
      override async add(context: WipContext): Promise<void> {
        await context.addTask('one', { kind: 'Nothing', options: {} });
      }
    }
    const { database, id } = await start((task) => new Wrong(task));
    expect((await endOf(database.db, id)).logs.join('\n')).toContain('There is no kind of task named "Nothing"');
  });

  it('fails with the reason when a child, or its child, works on the same target and would wait for ever', async () => {
    class OnMain extends Parent {
      override workId(): string {
        return 'main';
      }
    }
    class Between extends Parent {
      override async add(context: WipContext): Promise<void> {
        await context.addTask('below', { kind: 'Below', options: {} });
      }
    }
    class Below extends Child {
      override workId(): string {
        return 'main';
      }
    }
    const database = await databases.fresh();
    const kinds = [
      kindOf('Parent', (task) => new OnMain(task)),
      kindOf('Child', (task) => new Between(task)),
      kindOf('Below', (task) => new Below(task)),
    ];
    const engine = runEngine(engineDeps(database.db, kinds));
    onTestFinished(() => engine.stop());
    // Added as the API does, with the work id of the class.
    const { id } = await addTask(
      database.db,
      prepareTask(engineDeps(database.db, kinds), { kind: 'Parent', options: {} }),
    );
    const [child] = JSON.parse((await endOf(database.db, id)).exitMessage ?? '[]') as ChildTask[];
    expect((await endOf(database.db, child!.id)).logs.join('\n')).toContain(
      `The child "below" would wait for ever: task ${id}, which it is a child of, works on the same target`,
    );
  });
});
