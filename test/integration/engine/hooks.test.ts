import { describe, expect, it, onTestFinished } from 'vitest';
import { requestTerminate, restartTask } from '../../../controlplane/store/control/control-task.ts';
import { claimTasks } from '../../../controlplane/store/tasks/claim-tasks.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { TaskId } from '../../../shared/model/ids.ts';
import type { TaskStatus } from '../../../shared/model/status.ts';
import { CLASS_ID, type Signal } from '../../../shared/protocol/signals.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { addOf, endOf, engineDeps, kindOf, runEngine } from '../../kit/engine.ts';
import { eventually } from '../../kit/eventually.ts';
import { launchAttempt, sendSignal } from '../../kit/database/store.ts';

const databases = useTestDatabases();

/** Waits once for a second, and notes the hooks that are called. Each hook throws after its note if it is to. */
class Watched extends BasicWip {
  readonly #called: string[];
  readonly #breaks: boolean;

  constructor(called: string[], { breaks = false } = {}) {
    super({ uuid: 'u', options: {} });
    this.#called = called;
    this.#breaks = breaks;
  }

  override getStateTable(): string {
    return `start {\n  * second wait=1\n}\nsecond {\n  * finish\n}\nterminate {\n  * finish\n}\nfailure {\n  * finish\n}\n`;
  }
  second(): void {}

  #note(what: string): void {
    this.#called.push(what);
    if (this.#breaks) throw new Error(`${what} is not wanted`);
  }
  override onAdd(): void {
    this.#note('onAdd');
  }
  override onRestart(): void {
    this.#note('onRestart');
  }
  override onStart(): void {
    this.#note('onStart');
  }
  override onStatusChange(_context: WipContext, status: TaskStatus): void {
    this.#note(status);
  }
  override onWait(): void {
    this.#note('onWait');
  }
  override onTerminate(): void {
    this.#note('onTerminate');
  }
  override onFinish(): void {
    this.#note('onFinish');
  }
  override cleanUp(): void {
    this.#note('cleanUp');
  }
}

const LIFE = ['PROCESSING', 'onStart', 'onWait', 'WAITING', 'PROCESSING', 'COMPLETE', 'onFinish', 'cleanUp'];

describe('the hooks of a task', () => {
  it('are called at each turn of its life, and again after a restart', async () => {
    const called: string[] = [];
    const { db } = await databases.fresh();
    const engine = runEngine(engineDeps(db, [kindOf('T', () => new Watched(called))]));
    onTestFinished(() => engine.stop());
    const id = TaskId.parse(await addOf(db, 'T'));
    await endOf(db, id);
    expect(called).toEqual(['onAdd', ...LIFE]);
    await restartTask(db, id);
    engine.wake();
    await eventually('the second end', () => called.filter((hook) => hook === 'cleanUp').length >= 2);
    expect(called).toEqual(['onAdd', ...LIFE, 'onRestart', ...LIFE]);
  });

  it('keep what onAdd notes in its bag for the state that the task starts with', async () => {
    class Noting extends BasicWip {
      override getStateTable(): string {
        return `start:look {\n  noted finish\n}\nterminate {\n  * finish\n}\nfailure {\n  * finish\n}\n`;
      }
      override onAdd({ bag }: WipContext): void {
        bag['note'] = 'noted';
      }
      look({ bag }: WipContext): unknown {
        return bag['note'];
      }
    }
    const { db } = await databases.fresh();
    const engine = runEngine(engineDeps(db, [kindOf('Noting', (task) => new Noting(task))]));
    onTestFinished(() => engine.stop());
    expect((await endOf(db, await addOf(db, 'Noting'))).transcript).toEqual(["start => 'noted' => finish"]);
  });

  it('are called for a task that is terminated before it starts', async () => {
    const called: string[] = [];
    const { db } = await databases.fresh();
    const id = await addOf(db, 'T');
    await requestTerminate(db, TaskId.parse(id));
    const engine = runEngine(engineDeps(db, [kindOf('T', () => new Watched(called))]));
    onTestFinished(() => engine.stop());
    expect((await endOf(db, id)).exitStatus).toBe('TERMINATED');
    expect(called).toEqual(['onAdd', 'PROCESSING', 'onTerminate', 'COMPLETE', 'onFinish', 'cleanUp']);
  });

  it('stop nothing when they throw, and the log of the task says which did', async () => {
    const called: string[] = [];
    const { db } = await databases.fresh();
    const engine = runEngine(engineDeps(db, [kindOf('T', () => new Watched(called, { breaks: true }))]));
    onTestFinished(() => engine.stop());
    const { exitStatus, logs } = await endOf(db, await addOf(db, 'T'));
    expect(exitStatus).toBe('COMPLETED');
    expect(called).toEqual(['onAdd', ...LIFE]);
    expect(logs).toContain('The hook onAdd failed: onAdd is not wanted');
    expect(logs).toContain('The hook onStatusChange failed: WAITING is not wanted');
    expect(logs).toContain('The hook cleanUp failed: cleanUp is not wanted');
  });
});

describe('onSignal', () => {
  /** Notes each signal, and ends when two are in its inbox, which it never empties. */
  class Hears extends BasicWip {
    readonly #heard: unknown[];
    constructor(heard: unknown[]) {
      super({ uuid: 'u', options: {} });
      this.#heard = heard;
    }
    override getStateTable(): string {
      return `start:count {\n  more start wait=3600 exec=false\n  two finish\n}\nfailure {\n  * finish\n}\n`;
    }
    override onSignal(context: WipContext, signal: Signal): void {
      this.#heard.push(signal.classId);
      context.memory['heard'] = Number(context.memory['heard'] ?? 0) + 1;
    }
    count({ inbox, memory }: WipContext): string {
      this.#heard.push(`${inbox.all().length} in the inbox, ${String(memory['heard'] ?? 0)} heard`);
      return inbox.all().length === 2 ? 'two' : 'more';
    }
  }

  it('is called once for each signal, in its step and before the method that looks at the inbox', async () => {
    const { db } = await databases.fresh();
    const id = TaskId.parse(await addOf(db, 'T'));
    const claim = { node: 'before', limit: 1, leaseSeconds: 30, kinds: [{ kind: 'T', classVersion: '1' }] };
    const claimed = (await claimTasks(db, claim)).tasks[0]!;
    const attempt = await launchAttempt(db, claimed);
    await saveStep(db, claimed, { next: { kind: 'yield' } });
    const heard: unknown[] = [];
    const engine = runEngine(engineDeps(db, [kindOf('T', () => new Hears(heard))]));
    onTestFinished(() => engine.stop());
    await eventually('the first look', () => heard.length >= 1);
    await sendSignal(db, attempt, 1, { kind: 'ready', body: { classId: CLASS_ID.ready } });
    engine.wake();
    await eventually('the second look', () => heard.length >= 3);
    await sendSignal(db, attempt, 2, { kind: 'processComplete', body: { classId: CLASS_ID.processComplete } });
    engine.wake();
    expect((await endOf(db, id)).exitStatus).toBe('COMPLETED');
    expect(heard).toEqual([
      '0 in the inbox, 0 heard',
      CLASS_ID.ready,
      '1 in the inbox, 1 heard',
      CLASS_ID.processComplete,
      '2 in the inbox, 2 heard',
    ]);
  });
});
