import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { EngineDeps } from '../../../controlplane/engine/engine-deps.ts';
import { pauseTask, requestTerminate, resumeTask } from '../../../controlplane/store/control/control-task.ts';
import { clearPause, setPause } from '../../../controlplane/store/control/pauses.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { claimTasks } from '../../../controlplane/store/tasks/claim-tasks.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { TaskId } from '../../../shared/model/ids.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { addOf, endOf, engineDeps, kindOf, runEngine, type EndedTask } from '../../kit/engine.ts';
import { eventually } from '../../kit/eventually.ts';
import { launchAttempt, sendSignal } from '../../kit/database/store.ts';

// After a state that answers at once, its transition method runs with the input of the step before if nothing had
// arrived when that was saved. These tests are about events that this could miss.

const databases = useTestDatabases();
const task = { uuid: 'u', options: {} };

interface Given {
  readonly db: Db;
  readonly id: TaskId;
  /** Sends a signal of the task's container. */
  send(): Promise<void>;
}

/** Steps a task with a container until it ends. `on` is called at each failpoint of its engine. */
async function endOfSpinner(make: (given: Given) => BasicWip, on: (given: Given, point: string) => Promise<void>) {
  const { db } = await databases.fresh();
  const id = TaskId.parse(await addOf(db, 'T'));
  const claim = { node: 'before', limit: 1, leaseSeconds: 30, kinds: [{ kind: 'T', classVersion: '1' }] };
  const claimed = (await claimTasks(db, claim)).tasks[0]!;
  const attempt = await launchAttempt(db, claimed);
  await saveStep(db, claimed, { next: { kind: 'yield' } });
  let seq = 0;
  const given = { db, id, send: async () => void (await sendSignal(db, attempt, (seq += 1))) };
  const failpoint: EngineDeps['failpoint'] = (name, where) => on(given, `${name} ${where}`);
  const engine = runEngine(engineDeps(db, [kindOf('T', () => make(given))], { failpoint }));
  onTestFinished(() => engine.stop());
  return endOf(db, id);
}

/** Takes turns until its transition method sees a signal. */
class Spinner extends BasicWip {
  override getStateTable(): string {
    return `start {\n  * turn\n}\nturn:look {\n  again turn max=20\n  seen finish\n}\nfailure {\n  * finish\n}\n`;
  }
  turn(): void | Promise<void> {}
  look({ inbox }: WipContext): string {
    const signals = inbox.all();
    for (const { id } of signals) inbox.consume(id);
    return signals.length > 0 ? 'seen' : 'again';
  }
}

const turnsOf = ({ transcript }: EndedTask): number => transcript.filter((line) => line.startsWith('turn =>')).length;

describe('a state that answers at once', () => {
  it('is left without another look, and what came after its save is found one step later', async () => {
    let turns = 0;
    const end = await endOfSpinner(
      () => new Spinner(task),
      async ({ send }, point) => {
        if (point === 'after-save-entering turn' && (turns += 1) === 3) await send();
      },
    );
    expect(end.exitStatus).toBe('COMPLETED');
    expect(turnsOf(end)).toBe(4);
  });

  it('is looked after when it came before its save', async () => {
    let turns = 0;
    const end = await endOfSpinner(
      () => new Spinner(task),
      async ({ send }, point) => {
        if (point === 'before-save-entering turn' && (turns += 1) === 3) await send();
      },
    );
    expect(turnsOf(end)).toBe(3);
  });

  it('hears in the same step of what it caused, when it waited for anything at all', async () => {
    const end = await endOfSpinner(
      ({ send }) =>
        new (class extends Spinner {
          override async turn(): Promise<void> {
            await send();
          }
        })(task),
      () => Promise.resolve(),
    );
    expect(turnsOf(end)).toBe(1);
  });

  it('is handed a signal once, although it is asked again with what the step before had', async () => {
    const seen: number[] = [];
    class Counts extends Spinner {
      override look({ inbox }: WipContext): string {
        const signals = inbox.all();
        seen.push(signals.length);
        // The second of two signals stays in the inbox. The next step therefore continues with what the first has left.
        if (signals[0]) inbox.consume(signals[0].id);
        return seen.filter((count) => count > 0).length === 2 ? 'seen' : 'again';
      }
    }
    const end = await endOfSpinner(
      () => new Counts(task),
      async ({ send }, point) => {
        if (point !== 'before-save-entering turn' || seen.length > 0) return;
        await send();
        await send();
      },
    );
    expect(end.exitStatus).toBe('COMPLETED');
    expect(seen).toEqual([2, 1]);
  });

  it('ends when it is to be terminated, though it would turn for ever', async () => {
    const end = await endOfSpinner(
      () =>
        new (class extends Spinner {
          override look(): string {
            return 'again';
          }
        })(task),
      async ({ db, id }, point) => {
        if (point === 'after-save-entering turn') await requestTerminate(db, id);
      },
    );
    expect(end.exitStatus).toBe('TERMINATED');
    expect(end.transcript).toEqual([
      "start => '' => turn",
      "turn => 'again' => turn",
      "turn => 'terminateRequested' => failure",
      "failure => '' => finish",
    ]);
  });

  it('ends when its time is over, though it would turn for ever', async () => {
    const end = await endOfSpinner(
      () => new Spinner(task),
      async ({ db }, point) => {
        if (point !== 'before-save-entering turn') return;
        await sql`UPDATE task SET max_run_seconds = 60, started_at = now() - interval '1 hour'`.execute(db);
      },
    );
    expect(end).toMatchObject({ exitStatus: 'ERROR_SYSTEM', cause: 'max-run-time' });
    expect(end.transcript.slice(0, 2)).toEqual(["start => '' => turn", "turn => 'terminateRequested' => failure"]);
  });
});

describe('a chain whose node stops', () => {
  it('is handed on after a state that has ended, which does not run again', async () => {
    const { db } = await databases.fresh();
    let runs = 0;
    let stopped: Promise<void> | undefined;
    class Works extends BasicWip {
      override start(): void {
        runs += 1;
        stopped ??= first.stop();
      }
    }
    const kinds = [kindOf('T', (facts) => new Works(facts))];
    const first = runEngine(engineDeps(db, kinds, { node: 'first' }));
    const id = await addOf(db, 'T');
    await eventually('the first node stops', () => stopped !== undefined);
    await stopped;
    const second = runEngine(engineDeps(db, kinds, { node: 'second' }));
    onTestFinished(() => second.stop());
    const transcript = ["start => '' => finish"];
    expect(await endOf(db, id)).toMatchObject({ exitStatus: 'COMPLETED', notes: [], transcript });
    expect(runs).toBe(1);
  });
});

describe('a task that is paused in the middle of a chain', () => {
  const PAUSES = {
    'its own pause': [(db: Db, id: TaskId) => pauseTask(db, id), (db: Db, id: TaskId) => resumeTask(db, id)],
    'a hard pause of its group': [
      (db: Db) => setPause(db, { scope: 'group', name: 'T' }, 'hard'),
      (db: Db) => clearPause(db, { scope: 'group', name: 'T' }),
    ],
    'a hard pause of everything': [
      (db: Db) => setPause(db, { scope: 'global' }, 'hard'),
      (db: Db) => clearPause(db, { scope: 'global' }),
    ],
  } as const;

  it.each(Object.keys(PAUSES) as (keyof typeof PAUSES)[])('goes no further than its present step: %s', async (kind) => {
    const { db } = await databases.fresh();
    const [pause, resume] = PAUSES[kind];
    let turns = 0;
    class Turns extends Spinner {
      override async turn(): Promise<void> {
        turns += 1;
        if (turns === 2) await pause(db, id);
      }
      override look(): string {
        return turns === 4 ? 'seen' : 'again';
      }
    }
    const engine = runEngine(engineDeps(db, [kindOf('T', (facts) => new Turns(facts))]));
    onTestFinished(() => engine.stop());
    const id = TaskId.parse(await addOf(db, 'T'));
    await eventually('it is let go', async () => {
      const { rows } = await sql`SELECT FROM task WHERE status = 1 AND owner IS NULL`.execute(db);
      return turns >= 2 && rows.length === 1;
    });
    // The step was saved completely: the task's state agrees with its recording.
    const { rows } = await sql`SELECT count(*)::int AS steps, max(task.state) AS state FROM step, task`.execute(db);
    expect([turns, rows]).toEqual([2, [{ steps: 3, state: 'turn' }]]);
    await resume(db, id);
    expect(await endOf(db, id)).toMatchObject({ exitStatus: 'COMPLETED', notes: [] });
    expect(turns).toBe(4);
  });

  it('is handed back as it was when the pause came with its claim', async () => {
    const { db } = await databases.fresh();
    let claims = 0;
    const failpoint: EngineDeps['failpoint'] = async (name) => {
      if (name === 'after-claim' && (claims += 1) === 1) await pauseTask(db, id);
    };
    const id = TaskId.parse(await addOf(db, 'T'));
    const deps = engineDeps(db, [kindOf('T', (facts) => new BasicWip(facts))], { failpoint });
    const engine = runEngine(deps);
    onTestFinished(() => engine.stop());
    await eventually('it is let go', async () => {
      const { rows } = await sql`SELECT FROM task WHERE paused AND status = 1 AND owner IS NULL`.execute(db);
      return rows.length === 1;
    });
    expect((await sql`SELECT FROM step`.execute(db)).rows).toEqual([]);
    await requestTerminate(db, id);
    expect(await endOf(db, id)).toMatchObject({ exitStatus: 'TERMINATED' });
  });
});
