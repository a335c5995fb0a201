import { describe, expect, it, onTestFinished } from 'vitest';
import { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { carelessKind, type CarelessWork } from '../../kit/kinds/careless-wip.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { eventually } from '../../kit/eventually.ts';
import { addOf, endOf, engineDeps, kindOf, runEngine, type EndedTask } from '../../kit/engine.ts';
import { simulateScript } from '../../testkit/simulate-task.ts';

const databases = useTestDatabases();
class Known extends BasicWip {
  override get kind(): string {
    return 'Known';
  }
}
const KNOWN = kindOf('Known', (task) => new Known(task));
const RING: Record<string, unknown> = {};
RING['self'] = RING;

/** What another language would refuse to compile. */
function anything<T>(value: unknown): T {
  return value as T;
}

function nested(levels: number): object {
  return levels === 0 ? {} : { next: nested(levels - 1) };
}

async function endOnNode(work: CarelessWork): Promise<EndedTask> {
  const [end] = await endsOnNode([work]);
  return end!;
}

async function endsOnNode(works: readonly CarelessWork[]): Promise<EndedTask[]> {
  const { db } = await databases.fresh();
  const kinds = works.map((work, index) => carelessKind(work, `Careless${index}`));
  const engine = runEngine(engineDeps(db, [...kinds, KNOWN], { leaseSeconds: 1 }));
  try {
    const ids = await Promise.all(kinds.map(({ kind }) => addOf(db, kind)));
    return await Promise.all(ids.map((id) => endOf(db, id)));
  } finally {
    await engine.stop();
  }
}

const CARELESS: readonly [string, CarelessWork, RegExp][] = [
  [
    'keeps a BigInt in its bag',
    ({ bag }) => void (bag['x'] = 10n),
    /^The bag of "work" cannot be saved: x is a BigInt\.$/,
  ],
  [
    'keeps a BigInt deep in its memory',
    ({ memory }) => void (memory['scan'] = { findings: [{ id: 1n }] }),
    /^The memory of the task cannot be saved: scan\.findings\[0\]\.id is a BigInt\.$/,
  ],
  [
    'keeps a Map and a list with a hole',
    ({ bag, memory }) => {
      bag['seen'] = [new Map()];
      memory['ids'] = [undefined];
    },
    /^The bag of "work" cannot be saved: seen\[0\] is a Map\. The memory of the task cannot be saved: ids has an item that is undefined, at 0\.$/,
  ],
  ['keeps a ring', ({ bag }) => void (bag['ring'] = RING), /bag of "work" cannot be saved: ring\.self contains itself/],
  [
    'keeps more levels than a database reads',
    ({ memory }) => void (memory['tree'] = nested(3_000)),
    /memory of the task cannot be saved: tree(\.next)+\S* is nested more than 500 levels deep/,
  ],
  [
    'keeps what cannot become JSON',
    ({ bag }) => void (bag['x'] = { toJSON: () => JSON.parse('no JSON') as unknown }),
    /bag of "work" cannot be saved: x has a toJSON, which JSON reads in its place/,
  ],
  [
    'has a memory that is JSON of another thing',
    ({ memory }) => void (memory['toJSON'] = () => 7),
    /toJSON is a function/,
  ],
  [
    'keeps more than a value of the database can hold',
    ({ memory }) => void (memory['dump'] = 'x'.repeat(70_000_000)),
    /memory of the task cannot be saved: dump is larger than 64 MB as JSON/,
  ],
  [
    'logs at a level that is none',
    (context) => context.log(anything('info'), 'lower case'),
    /levels FATAL, ERROR.*given "info"/,
  ],
  [
    'logs no text',
    (context) => context.log('INFO', anything(42)),
    /log\(level, message\) takes a text, and was given 42/,
  ],
  [
    'ends with a status that is none',
    (context) => context.exit(anything('SUCCESS'), 'fine'),
    /exit\(\) takes one of .*"SUCCESS"/,
  ],
  [
    'ends without a message',
    (context) => context.exit('COMPLETED', anything(undefined)),
    /takes a text, and was given undefined/,
  ],
  [
    'ends with a cause that is no text',
    (context) => context.exit('ERROR_USER', 'bad', { cause: anything({}) }),
    /exit\(status, message, options\): cause must be a text/,
  ],
  [
    'ends as one that has not ended',
    (context) => context.exit('NOT_FINISHED', 'x'),
    /^exit\("NOT_FINISHED", "x"\) says of the end of a task that it has not ended: give it one of WARNING, /,
  ],
  [
    'ends as one that has not ended, with a cause',
    (context) => context.exit('NOT_FINISHED', '', { cause: 'x' }),
    /^exit\("NOT_FINISHED", ""\) says of the end/,
  ],
  ['waits for nothing', (context) => context.waitsFor(anything(undefined)), /waitsFor\(clause\) takes a text/],
  [
    'consumes what is no signal',
    ({ inbox }) => inbox.consume('abc'),
    /inbox\.consume\(id\) takes the id of a signal.*"abc"/,
  ],
  ['throws what has no text', () => Promise.reject(anything(Object.create(null))), /^\{\}$/],
  ['throws an object', () => Promise.reject(anything({ code: 'X' })), /^\{"code":"X"\}$/],
  [
    'throws an error with its cause',
    () =>
      Promise.reject(new Error('The scan failed', { cause: new AggregateError([new Error('one'), new Error('two')]) })),
    /^The scan failed, because: one; two$/,
  ],
  [
    'does not await a child that cannot be added',
    (context) => void context.addTask('kid', { kind: 'NoSuchKind', options: {} }),
    /^"work" did not await addTask\("kid"\), which failed: .*NoSuchKind/,
  ],
  [
    'does not await a child',
    (context) => void context.addTask('kid', { kind: 'Known', options: {} }),
    /^"work" did not await addTask\("kid"\)\.$/,
  ],
  [
    'does not await what it makes of a child that cannot be added',
    (context) => void context.addTask('kid', { kind: 'NoSuchKind', options: {} }).then(() => undefined),
    /^"work" did not handle an error of addTask\("kid"\): There is no kind of task named "NoSuchKind"/,
  ],
  [
    'does not await what fails after a child was added',
    (context) =>
      void context.addTask('kid', { kind: 'Known', options: {} }).then((id) => {
        throw new Error(`nothing to do with ${id > 0 ? 'it' : ''}`);
      }),
    /^"work" did not handle an error of addTask\("kid"\): nothing to do with it\.$/,
  ],
  [
    'does not await what fails at last',
    async (context) => {
      void context
        .addTask('kid', { kind: 'Known', options: {} })
        .finally(() => undefined)
        .then(async () => {
          await Promise.resolve();
          throw new Error('at last');
        });
      await context.liveness();
    },
    /^"work" did not handle an error of addTask\("kid"\): at last\.$/,
  ],
  [
    'does not await its second call',
    async (context) => {
      void context.addTask('kid', { kind: 'Known', options: {} });
      await context.liveness();
    },
    /^"work" did not await addTask\("kid"\)\.$/,
  ],
];

describe('a task whose method', () => {
  it('is careless is told so in its own state, and no node is lost for it', async () => {
    const ends = await endsOnNode(CARELESS.map(([, work]) => work));
    for (const [index, [what, , message]] of CARELESS.entries()) {
      const end = ends[index]!;
      const told = { exitStatus: 'ERROR_USER', cause: 'careless', exitMessage: expect.stringMatching(message) };
      expect(end, what).toMatchObject(told);
      expect(end.transcript, what).toEqual(["start => '' => first", "first => '' => wrong", "wrong => '' => finish"]);
    }
  });

  it.each(CARELESS)('%s ends in a simulation as it does on a node', async (_what, work, message) => {
    const run = await simulateScript(carelessKind(work), {}, { kinds: [KNOWN] });
    expect(run.exit).toMatchObject({ status: 'ERROR_USER', message: expect.stringMatching(message) });
  });

  it('awaits its calls in ways of its own is not accused', async () => {
    const end = await endOnNode(async (context) => {
      const both = [context.children(), context.liveness()];
      await Promise.all(both);
      const first = context.delivery('none');
      await Promise.race([first, context.children()]);
      return context.children().then((children) => context.log('INFO', `${children.length} children`));
    });
    expect(end.exitMessage).toBeNull();
    expect(end.logs).toContain('0 children');
  });

  it('begins reads that it does not need in the end is not accused', async () => {
    let kept: Promise<unknown> | undefined;
    const end = await endOnNode(async (context) => {
      kept ??= context.children();
      const next = context.delivery('b');
      if ((await context.delivery('a')) === null) return;
      await next;
    });
    expect(end.exitMessage).toBeNull();
    await kept;
  });

  it('keeps its bag and writes into it later is refused that, and ends well', async () => {
    let bag: Record<string, unknown> = {};
    const refused = Promise.withResolvers<unknown>();
    const end = await endOnNode((context) => {
      bag = context.bag;
      const write = (): void => {
        try {
          bag['late'] = 1n;
          refused.resolve('it was taken');
        } catch (error) {
          refused.resolve(error);
        }
      };
      // After the method and the turn in which its errors are found, before the last of its steps is saved.
      setImmediate(() => setImmediate(write));
    });
    expect(end.exitStatus).toBe('COMPLETED');
    expect(await refused.promise).toEqual(
      new Error('The write to bag.late did nothing: "work" was over when it came, so an "await" is missing there'),
    );
  });

  it.each<[string, CarelessWork, RegExp]>([
    [
      'a Proxy whose traps throw',
      () =>
        Promise.reject(
          new Proxy(new Error('x'), {
            getPrototypeOf() {
              throw new Error('trap');
            },
          }),
        ),
      /^an error that cannot be described/,
    ],
    [
      'what is thenable only in part',
      () => ({
        get then(): never {
          throw new Error('no then');
        },
      }),
      /^no then$/,
    ],
    [
      'a request with a field that there is not',
      (context) => context.deliver('r', { method: 'POST', url: 'http://127.0.0.1:9/', header: {} } as never),
      /^The request "r" cannot be sent: header is not known\. Correct the named fields of this request\.$/,
    ],
  ])('throws or gives %s is told in one sentence', async (_what, work, message) => {
    expect((await endOnNode(work)).exitMessage).toMatch(message);
  });

  it('leaves an effect to a race has it done before its step is saved', async () => {
    const added = Promise.withResolvers<number>();
    const end = await endOnNode(async (context) => {
      const child = context.addTask('kid', { kind: 'Known', options: {} });
      void child.then(added.resolve, added.reject);
      await Promise.race([child, Promise.resolve()]);
    });
    expect(end.exitMessage).toBeNull();
    expect(await added.promise).toBeGreaterThan(0);
  });

  it('handles what it has made of its calls is not accused', async () => {
    const end = await endOnNode(async (context) => {
      const child = context.addTask('kid', { kind: 'NoSuchKind', options: {} });
      void child.then(() => undefined).catch(() => undefined);
      const named = child.then((id) => `child ${id}`);
      await context.liveness();
      await expect(named).rejects.toThrow('NoSuchKind');
    });
    expect(end.exitMessage).toBeNull();
  });

  const LATE_CALLS: readonly string[] = [
    'deliver("report") did nothing: "work" was over when it came, so an "await" is missing there.',
    'exit("WARNING") did nothing: "work" was over when it came, so an "await" is missing there.',
  ];
  /** Leaves a helper alone, which goes on when the method is over. */
  const leavesHelper =
    (errors: string[]): CarelessWork =>
    (context) => {
      const keep = (error: unknown): void => void errors.push(String(error));
      const helper = async (): Promise<void> => {
        await context.addTask('kid', { kind: 'Known', options: {} });
        await context.deliver('report', { method: 'POST', url: 'http://127.0.0.1:9/' }).catch(keep);
        try {
          context.exit('WARNING', 'too late');
        } catch (error) {
          keep(error);
        }
      };
      void helper();
    };
  const REFUSED = ['deliver("report")', 'exit("WARNING")'].map(
    (call) => `Error: ${call} did nothing: "work" was over when it came, so an "await" is missing there`,
  );

  it('leaves a helper alone, whose calls come late, has them refused and told in its log', async () => {
    const errors: string[] = [];
    const { db } = await databases.fresh();
    const kind = carelessKind(leavesHelper(errors));
    const engine = runEngine(engineDeps(db, [kind, KNOWN]));
    onTestFinished(() => engine.stop());
    const id = await addOf(db, kind.kind);
    expect(await endOf(db, id)).toMatchObject({ exitStatus: 'COMPLETED' });
    await eventually('the late calls in the log', async () => {
      const { logs } = await endOf(db, id);
      return LATE_CALLS.every((call) => logs.includes(call));
    });
    expect(errors).toEqual(REFUSED);
  });

  it('leaves a helper alone in a simulation is told so as well', async () => {
    const errors: string[] = [];
    const run = await simulateScript(carelessKind(leavesHelper(errors)), {}, { kinds: [KNOWN] });
    expect(run.exit.status).toBe('COMPLETED');
    expect(run.logs.map(({ message }) => message)).toEqual(expect.arrayContaining(LATE_CALLS.slice()));
    expect(errors).toEqual(REFUSED);
  });

  it('throws says the line of its author', async () => {
    const end = await endOnNode(() => {
      throw new Error('The scanner is broken');
    });
    expect(end.logs).toContainEqual(
      expect.stringMatching(/^The error of "work" was thrown at careless-tasks\.test\.ts:\d+\.$/),
    );
  });
});

describe('a hook that leaves what cannot be saved', () => {
  it('is only told in the log', async () => {
    class Hooked extends BasicWip {
      override getStateTable(): string {
        return 'start {\n  * finish\n}\nterminate {\n  * finish\n}\nfailure {\n  * finish\n}\n';
      }
      override onStart({ memory }: WipContext): void {
        memory['x'] = 1n;
      }
    }
    const { db } = await databases.fresh();
    const engine = runEngine(engineDeps(db, [kindOf('Hooked', (task) => new Hooked(task))]));
    onTestFinished(() => engine.stop());
    const end = await endOf(db, await addOf(db, 'Hooked'));
    expect(end).toMatchObject({ exitMessage: null });
    expect(end.logs).toContainEqual('The hook onStart failed: The memory of the task cannot be saved: x is a BigInt.');
  });
});

describe('a task whose class cannot be stepped at all', () => {
  const noLicence = (): never => {
    throw new Error('no licence for the scanner');
  };
  class WithoutTable extends BasicWip {
    override getStateTable(): string {
      return noLicence();
    }
  }

  it('ends with the reason, not with nodes that were lost', async () => {
    const { db } = await databases.fresh();
    const kinds = [kindOf('NotMade', noLicence), kindOf('WithoutTable', (task) => new WithoutTable(task))];
    const engine = runEngine(engineDeps(db, kinds, { leaseSeconds: 1 }));
    onTestFinished(() => engine.stop());
    const ids = await Promise.all(kinds.map(({ kind }) => addOf(db, kind)));
    for (const end of await Promise.all(ids.map((id) => endOf(db, id)))) {
      expect(end).toMatchObject({
        exitStatus: 'ERROR_SYSTEM',
        cause: 'poison',
        exitMessage:
          '3 steps in a row failed in its first step and could not be saved, the last one with "no licence for the scanner", so the task is not tried again.',
      });
      expect(end.logs).toContain('The step failed and is not saved: no licence for the scanner');
    }
  });
});
