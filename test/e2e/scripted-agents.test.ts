import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BASIC_OPTIONS, BasicWip } from '../../controlplane/tasks/basic-wip.ts';
import type { WipContext } from '../../controlplane/tasks/context.ts';
import { defineWip } from '../../controlplane/tasks/kinds.ts';
import { findServer, type DatabaseServer } from '../kit/database/database-server.ts';
import { DUMP_CHECK } from '../kit/kinds/dump-check.ts';
import { startWip } from '../testkit/start-wip.ts';
import { TestkitError } from '../testkit/testkit-error.ts';
import type { AddTaskOptions, StartedWip } from '../testkit/started-wip.ts';

const dump = '/dev/null';

/** Adds a DumpCheck, and ends with what it says. */
class Parent extends BasicWip {
  override get kind(): string {
    return 'Parent';
  }

  override getStateTable(): string {
    return `add:check {\n  wait  add wait=60 exec=false\n  done  finish\n  !  failure\n}\nfailure {\n  * finish\n}\nterminate {\n  * finish\n}\n`;
  }

  async add(context: WipContext): Promise<void> {
    await context.addTask('child', { kind: DUMP_CHECK.kind, options: { dump: `${dump}?of-a-parent` } });
  }

  async check(context: WipContext): Promise<string> {
    const [child] = await context.children();
    if (child?.status !== 'COMPLETE') return 'wait';
    context.exit('WARNING', `${child.exitStatus}: ${child.exitMessage}`);
    return 'done';
  }
}
const PARENT = defineWip({ kind: 'Parent', version: 1, options: BASIC_OPTIONS, create: (task) => new Parent(task) });
// Six seconds of tasks pass in a tenth of one.
const SPEED = 60;
type Script = NonNullable<AddTaskOptions['script']>;

// One system for all tests: each task has a script of its own.
let server: DatabaseServer;
let wip: StartedWip;
beforeAll(async () => {
  server = await findServer();
  wip = await startWip({ kinds: [DUMP_CHECK, PARENT], databaseUrl: server.url, speed: SPEED });
});
afterAll(async () => {
  await wip.close();
  await server.close([]);
});

/** Runs a task by this script to its end. */
async function ended(
  script: Script,
): Promise<{ exit: string; cause: string | null; seconds: number; started: readonly string[] }> {
  const { id } = await wip.addTask(DUMP_CHECK, { dump: `${dump}?${crypto.randomUUID()}` }, { script });
  const task = await wip.until(id);
  return {
    exit: `${task.exitStatus}: ${task.exitMessage}`,
    cause: task.cause,
    seconds: (Date.parse(task.completedAt!) - Date.parse(task.startedAt!)) / 1000,
    started: wip.processes.filter(({ taskId }) => taskId === id).map(({ name }) => name),
  };
}

const READ = 'COMPLETED: The dump can be read.';

describe('the network of a container', () => {
  it('is away for a minute: nothing comes through, and the task waits for it', async () => {
    const networkOutages = [{ from: 5, lasts: '1 m' }];
    const { exit, seconds, started } = await ended({
      container: { networkOutages },
      processes: { read: { runsFor: '20 s' } },
    });
    expect({ exit, started }).toEqual({ exit: READ, started: ['read'] });
    expect(seconds).toBeGreaterThan(65);
  });

  it('refuses connections to SSH for a while: the container is proven after it', async () => {
    const { exit, seconds } = await ended({ container: { sshOutages: [{ from: 0, lasts: '40 s' }] } });
    expect(exit).toBe(READ);
    expect(seconds).toBeGreaterThan(40);
  });

  it('breaks a conversation that is under way', async () => {
    const sshOutages = [{ from: 3, lasts: '10 s' }];
    const { exit, started } = await ended({ container: { sshOutages }, processes: { read: { runsFor: '8 s' } } });
    expect({ exit, started }).toEqual({ exit: READ, started: ['read'] });
  });
});

describe('a signal', () => {
  it('that is late is what the task goes on by', async () => {
    const { exit, seconds } = await ended({ signals: [{ signal: 'ready', late: '1 m' }] });
    expect(exit).toBe(READ);
    expect(seconds).toBeGreaterThan(60);
  });

  it('that is lost is made up for by asking', async () => {
    const { exit, started } = await ended({ signals: [{ signal: 'processComplete', process: 'read', lost: true }] });
    expect({ exit, started }).toEqual({ exit: READ, started: ['read'] });
  });

  it('that comes twice counts once', async () => {
    const signals = (['ready', 'processComplete', 'exit'] as const).map((signal) => ({ signal, doubled: true }));
    const { exit, started } = await ended({ signals });
    expect({ exit, started }).toEqual({ exit: READ, started: ['read'] });
  });

  it('that is forged is refused, and the right one counts', async () => {
    const signals = (['ready', 'processComplete', 'exit'] as const).map((signal) => ({ signal, forged: true }));
    const { exit } = await ended({ signals, processes: { read: { exitCode: 1, stderr: 'invalid header' } } });
    expect(exit).toBe('ERROR_USER: The dump cannot be read: invalid header.');
    expect(wip.forgedSignals).toBe(3);
  });

  it('that would come when its signature holds no more is a mistake in the script', async () => {
    const script: Script = { signals: [{ signal: 'exit', late: '6 m' }] };
    await expect(wip.addTask(DUMP_CHECK, { dump }, { script })).rejects.toThrow('a signature holds 300 s');
  });
});

describe('a container', () => {
  it('that ends at a state is the end that the task tells of', async () => {
    const end = { at: 'read', cause: 'limit-disk', exitLog: 'The disk limit was exceeded.' } as const;
    const { exit, cause } = await ended({ container: { end }, processes: { read: { runsFor: 'forever' } } });
    // A minute of this system passes in a second: on a slow machine ECS's exit code is known before the agent's words.
    expect({ exit, cause }).toEqual({
      exit: expect.stringMatching(/^ERROR_USER: .*disk/) as string,
      cause: 'limit-disk',
    });
  });

  it('cannot end just before or after a method', async () => {
    const script: Script = { container: { end: { at: 'read', when: 'after-method', cause: 'crash' } } };
    await expect(wip.addTask(DUMP_CHECK, { dump }, { script })).rejects.toThrow('container.end.when is done by');
  });
});

describe('a takeover', () => {
  it('kills the node that has the task, twice, and each process is started once', async () => {
    const before = wip.nodes;
    const { exit, started } = await ended({
      takeovers: [{ at: 'containerWipInvoke' }, { at: 'read' }],
      processes: { read: { runsFor: '2 m' } },
    });
    expect({ exit, started }).toEqual({ exit: READ, started: ['read'] });
    expect(wip.nodes).toHaveLength(1);
    expect(wip.nodes).not.toEqual(before);
  });

  it('belongs to one task', async () => {
    const script = { takeovers: [{ at: 'read' }] };
    await expect(startWip({ databaseUrl: server.url, script })).rejects.toThrow('give them to one task');
  });
});

describe('a child', () => {
  it('runs its own class, in a container by the script of the task that added it', async () => {
    const { id } = await wip.addTask(PARENT, {}, { script: { processes: { read: { exitCode: 1, stderr: 'no' } } } });
    expect(await wip.until(id)).toMatchObject({
      exitStatus: 'WARNING',
      exitMessage: 'ERROR_USER: The dump cannot be read: no.',
    });
  });
});

describe('a mistake of a test is told when it is made', () => {
  it.each<[string, object, string]>([
    ['a misspelt option', { scirpt: {} }, 'scirpt: is not known; perhaps "script" is meant'],
    [
      'a priority that there is not',
      { priority: 'URGENT' },
      'priority: must be one of CRITICAL, HIGH, MEDIUM, LOW, and is',
    ],
    [
      'a misspelt part of a script',
      { script: { proceses: {} } },
      'proceses: is not known; perhaps "processes" is meant',
    ],
    [
      'a misspelt field of a process',
      { script: { processes: { read: { runFor: 1 } } } },
      'processes.read.runFor: is not known',
    ],
    [
      'a takeover at no state',
      { script: { takeovers: [{ at: 'raed' }] } },
      'takeovers.0.at: "raed" can never be reached',
    ],
    [
      'an end at no state',
      { script: { container: { end: { at: 'raed', cause: 'crash' } } } },
      'container.end.at: "raed" can',
    ],
    ['a part that only values have', { script: { deliveries: {} } }, 'deliveries is for simulateTask only'],
  ])('%s', async (_what, more, sentence) => {
    const added = wip.addTask(DUMP_CHECK, { dump }, more as AddTaskOptions);
    await expect(added).rejects.toThrow(TestkitError);
    await expect(added).rejects.toThrow(sentence);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['no fault', () => wip.localEcs.inject(null as never), 'A fault is an object, and not null'],
    [
      'a fault of half a task',
      () => wip.localEcs.inject({ kind: 'crash', task: 5.5 }),
      'task: 5.5 is no number of a task',
    ],
    [
      'a class in place of its kind',
      () => wip.addTask(BasicWip as never, {}),
      'The kind of task is the class BasicWip',
    ],
    ['a word that is no end', () => wip.until(1, 'ende' as never), 'until: what is awaited must be "end", { state }'],
    ['no task', () => wip.until('1' as never), 'until: the task must be a task, or its number'],
    [
      'a fault that there is not',
      () => wip.localEcs.inject({ kind: 'no-placment' } as never),
      'kind: "no-placment" is not known; perhaps',
    ],
    [
      'a fault with a misspelt field',
      () => wip.localEcs.inject({ kind: 'slow', status: 'PENDING', m: 1 } as never),
      'm: is not known',
    ],
  ])('%s', async (_what, act, sentence) => {
    await expect(act()).rejects.toThrow(TestkitError);
    await expect(act()).rejects.toThrow(sentence);
  });

  it('a state that the task does not have is not waited for', async () => {
    const task = await wip.addTask(DUMP_CHECK, { dump: `${dump}?${crypto.randomUUID()}` });
    await expect(wip.until(task, { state: 'raed' })).rejects.toThrow('until: "raed" can never be reached');
    await wip.until(task);
  });

  it('a process that was not started is told with those that were, at the end of the task', async () => {
    await expect(ended({ processes: { raed: { exitCode: 1 } } })).rejects.toThrow(
      'processes: there is no process "raed". Started were read',
    );
    await expect(ended({ signals: [{ signal: 'processComplete', process: 'raed' }] })).rejects.toThrow(
      'signals.process: there is no process "raed"',
    );
  });
});
