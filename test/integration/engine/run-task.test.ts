import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { requestTerminate } from '../../../controlplane/store/control/control-task.ts';
import { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { systemClock, type Clock } from '../../../shared/time/clock.ts';
import { TaskId } from '../../../shared/model/ids.ts';
import { eventually } from '../../kit/eventually.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { addOf, endOf, engineDeps, kindOf, runEngine, type EndedTask } from '../../kit/engine.ts';
import { addBasic } from '../../kit/database/store.ts';

const databases = useTestDatabases();

/** Runs one task of the class to its end. Returns its record. */
async function endOfOne(
  make: () => BasicWip,
  options: {
    methodSeconds?: number;
    maxRunSeconds?: number;
    meanwhile?: (id: number, db: Awaited<ReturnType<typeof databases.fresh>>) => Promise<void>;
  } = {},
): Promise<EndedTask> {
  const database = await databases.fresh();
  const engine = runEngine(
    engineDeps(database.db, [kindOf('T', make)], options.methodSeconds ? { methodSeconds: options.methodSeconds } : {}),
  );
  onTestFinished(() => engine.stop());
  const id = await addOf(database.db, 'T', options.maxRunSeconds ?? null);
  await options.meanwhile?.(id, database);
  return endOf(database.db, id);
}

const task = { uuid: 'u', options: {} };

describe('the engine', () => {
  it('walks a task through the default table', async () => {
    const end = await endOfOne(() => new BasicWip(task));
    expect(end).toMatchObject({ exitStatus: 'COMPLETED', transcript: ["start => '' => finish"] });
    expect(end.logs).toEqual(['Starting BasicWip', '[start] -> {*} -> [finish]']);
  });

  it('keeps what methods put into their context and the memory of the task', async () => {
    class Counts extends BasicWip {
      override getStateTable(): string {
        return `count:check {\n  again count\n  done finish\n  ! failure\n}\nfailure {\n  * finish\n}\n`;
      }
      count(context: WipContext): void {
        context.bag['times'] = Number(context.bag['times'] ?? 0) + 1;
        context.memory['total'] = Number(context.memory['total'] ?? 0) + 10;
      }
      check(context: WipContext): string {
        return context.bag['times'] === 3 && context.memory['total'] === 30 ? 'done' : 'again';
      }
    }
    expect((await endOfOne(() => new Counts(task))).transcript).toEqual([
      "count => 'again' => count",
      "count => 'again' => count",
      "count => 'done' => finish",
    ]);
  });

  it('hands the cause of an error to the state that takes care of it', async () => {
    class Fails extends BasicWip {
      override start(): void {
        throw new Error('the disk is on fire');
      }
    }
    const end = await endOfOne(() => new Fails(task));
    expect(end).toMatchObject({ exitStatus: 'ERROR_SYSTEM', exitMessage: 'Failed to complete the task.' });
    expect(end.logs).toContain('the disk is on fire');
  });

  it('ends a wait at once when the task is to be terminated', async () => {
    class Waits extends BasicWip {
      override getStateTable(): string {
        return `start:never {\n  wait start wait=3600 exec=false\n}\nterminate {\n  * finish\n}\nfailure {\n  * finish\n}\n`;
      }
      never(): string {
        return 'wait';
      }
    }
    const end = await endOfOne(() => new Waits(task), {
      meanwhile: async (id, { db }) => void (await requestTerminate(db, TaskId.parse(id))),
    });
    expect(end).toMatchObject({
      exitStatus: 'TERMINATED',
      exitMessage: 'The request to terminate has been processed.',
    });
  });

  it('runs a method that ran out of its time again, and in the end takes it for failed', async () => {
    let runs = 0;
    class Hangs extends BasicWip {
      override async start(context: WipContext): Promise<void> {
        runs += 1;
        if (runs === 1) await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
      }
    }
    const end = await endOfOne(() => new Hangs(task), { methodSeconds: 0.2 });
    expect(end.exitStatus).toBe('COMPLETED');
    expect(runs).toBe(2);
    expect(end.logs.some((line) => line.includes('It is run again'))).toBe(true);
  });

  it('calls the hooks around a task, and does not mind when one throws', async () => {
    const called: string[] = [];
    class Noted extends BasicWip {
      override onStart(): void {
        called.push('start');
      }
      override onFail(): void {
        called.push('fail');
        throw new Error('nobody listens');
      }
      override onFinish(context: WipContext): void {
        called.push(`finish as ${context.exited?.status}`);
      }
      override start(): void {
        throw new Error('no');
      }
    }
    const end = await endOfOne(() => new Noted(task));
    expect(called).toEqual(['start', 'fail', 'finish as ERROR_SYSTEM']);
    expect(end.logs).toContain('The hook onFail failed: nobody listens');
  });

  it('says that a method is missing instead of dying of it', async () => {
    class Misspelt extends BasicWip {
      override getStateTable(): string {
        return `start {\n  * biuld\n}\nbiuld {\n  * finish\n}\nfailure {\n  * finish\n}\n`;
      }
    }
    expect((await endOfOne(() => new Misspelt(task))).logs).toContain('The class BasicWip has no method "biuld".');
  });

  it.each([
    ['a table with a terminate block', 'terminate {\n  * finish\n}\nfailure {\n  * finish\n}\n'],
    ['one whose failure block stands in for it', 'failure {\n  * finish\n}\n'],
    ['one with neither', ''],
  ])('ends a task that runs longer than it may as the failure of the system, in %s', async (_what, blocks) => {
    class Waits extends BasicWip {
      override getStateTable(): string {
        return `start:never {\n  wait start wait=3600 exec=false\n}\n${blocks}`;
      }
      never(): string {
        return 'wait';
      }
    }
    const end = await endOfOne(() => new Waits(task), { maxRunSeconds: 1 });
    expect(end).toMatchObject({
      exitStatus: 'ERROR_SYSTEM',
      exitMessage: 'The task ran longer than its maximum of 1 s.',
      cause: 'max-run-time',
    });
  });

  it.each([
    ['a table with a terminate block', 'terminate {\n  * finish\n}\nfailure {\n  * finish\n}\n'],
    ['one with neither terminate nor failure', ''],
  ])('ends a task that another one supersedes, and says which one, in %s', async (_what, blocks) => {
    class Waits extends BasicWip {
      override getStateTable(): string {
        return `start:never {\n  wait start wait=3600 exec=false\n}\n${blocks}`;
      }
      never(): string {
        return 'wait';
      }
    }
    let newer = 0;
    const end = await endOfOne(() => new Waits(task), {
      meanwhile: async (id, { db }) => {
        await sql`UPDATE task SET supersede_key = 'main' WHERE id = ${id}`.execute(db);
        await eventually(
          'it waits',
          async () => (await sql`SELECT FROM task WHERE status = 1`.execute(db)).rows.length > 0,
        );
        newer = (await addBasic(db, { kind: 'U', supersedeKey: 'main', title: 'main@1d4c540' })).id;
      },
    });
    const exitMessage = `Superseded by task ${newer}: main@1d4c540.`;
    expect(end).toMatchObject({ exitStatus: 'TERMINATED', exitMessage, cause: 'superseded' });
    expect(end.logs).toContain(exitMessage);
  });

  it('looks again at once when something fell due while it looked', async () => {
    const { db } = await databases.fresh();
    const id = await addOf(db, 'T');
    const sleepsMs: number[] = [];
    const clock = { ...systemClock, sleep: recordSleeps(sleepsMs) };
    const engine = runEngine(engineDeps(db, [kindOf('T', () => new BasicWip(task))], { clock }));
    onTestFinished(() => engine.stop());
    // The task is due but paused. To the engine this looks like a task that fell due between the claim and the query
    // for the next wake.
    await eventually('a short nap', async () => {
      await sql`UPDATE task SET status = 1, slot = 'own', paused = true, wake_at = now() WHERE id = ${id}`.execute(db);
      engine.wake();
      return sleepsMs.includes(25);
    });
  });
});

function recordSleeps(sleepsMs: number[]): Clock['sleep'] {
  return (ms, signal) => {
    sleepsMs.push(ms);
    return systemClock.sleep(ms, signal);
  };
}
