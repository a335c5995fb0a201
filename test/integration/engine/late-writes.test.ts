import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { carelessKind, type CarelessWork } from '../../kit/kinds/careless-wip.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { eventually } from '../../kit/eventually.ts';
import { addOf, endOf, engineDeps, runEngine } from '../../kit/engine.ts';
import { simulateScript } from '../../testkit/simulate-task.ts';

const databases = useTestDatabases();

/** What a method does, and the write of a timer that it leaves behind. */
type Leaves = (context: WipContext) => () => unknown;

/** Returns a method with such a timer, and a promise of what the write threw. */
function leavingTimer(leaves: Leaves): { work: CarelessWork; thrown: Promise<string | null> } {
  const written = Promise.withResolvers<string | null>();
  const work: CarelessWork = (context) => {
    const write = leaves(context);
    setTimeout(() => {
      try {
        write();
        written.resolve(null);
      } catch (error) {
        written.resolve(String(error));
      }
    });
  };
  return { work, thrown: written.promise };
}

const LATE: readonly [string, string, Leaves][] = [
  [
    'the memory',
    'memory.found',
    ({ memory }) =>
      () =>
        (memory['found'] = 1),
  ],
  ['the memory of its context', 'memory.found', (context) => () => (context.memory['found'] = 1)],
  [
    'its bag',
    'bag.found',
    ({ bag }) =>
      () =>
        (bag['found'] = 1),
  ],
  ['the bag of another state', 'bagOf("first").a', (context) => () => (context.bagOf('first')['a'] = 1)],
  [
    'a list within',
    'memory.list[1]',
    ({ memory }) =>
      () =>
        (memory['list'] as number[]).push(2),
  ],
  [
    'a list within that it has kept',
    'memory.list[1]',
    ({ memory }) => {
      const list = memory['list'] as number[];
      return () => list.push(2);
    },
  ],
  [
    'the first item of a list',
    'memory.list[0]',
    ({ memory }) => {
      const list = memory['list'] as number[];
      return () => list.shift();
    },
  ],
  [
    'an object deep within that it has kept',
    'memory.tree.nodes[0]["in the end"]',
    ({ memory }) => {
      const { nodes } = memory['tree'] as { nodes: object[] };
      return () => Object.assign(nodes[0]!, { 'in the end': 1 });
    },
  ],
  [
    'what it takes out',
    'memory.list',
    ({ memory }) =>
      () =>
        delete memory['list'],
  ],
  [
    'a property that it defines',
    'memory.x',
    ({ memory }) =>
      () =>
        Object.defineProperty(memory, 'x', { value: 1 }),
  ],
];

/** A kind whose state before has left a memory, so that the method finds one of the record. */
const kindOf = (work: CarelessWork): ReturnType<typeof carelessKind> =>
  carelessKind(work, 'Careless', ({ memory }) => {
    memory['list'] = [1];
    memory['tree'] = { nodes: [{}] };
  });

const told = (place: string): string =>
  `The write to ${place} did nothing: "work" was over when it came, so an "await" is missing there.`;
const refused = (place: string): string => `Error: ${told(place).slice(0, -1)}`;

describe('a write that comes when its method is over', () => {
  it.each(LATE)('to %s throws and stands in the log of a simulated task', async (_where, place, leaves) => {
    const { work, thrown } = leavingTimer(leaves);
    const run = await simulateScript(kindOf(work), {});
    expect(await thrown).toBe(refused(place));
    expect(run.logs.map(({ message }) => message)).toContain(told(place));
    expect(run.exit.status).toBe('COMPLETED');
    expect(run.memory).toEqual({ list: [1], tree: { nodes: [{}] } });
  });

  it('throws and stands in the log of a task on a node', async () => {
    const { db } = await databases.fresh();
    const [, place, leaves] = LATE[0]!;
    const { work, thrown } = leavingTimer(leaves);
    const kind = kindOf(work);
    const engine = runEngine(engineDeps(db, [kind]));
    try {
      const id = await addOf(db, kind.kind);
      expect(await thrown).toBe(refused(place));
      expect((await endOf(db, id)).exitStatus).toBe('COMPLETED');
      await eventually('the late write in the log', async () => (await endOf(db, id)).logs.includes(told(place)));
    } finally {
      await engine.stop();
    }
  });

  it('is blamed on nobody when the node has lost the task while the method ran', async () => {
    const { db } = await databases.fresh();
    const late = Promise.withResolvers<string>();
    let isLost = false;
    const kind = kindOf(async (context) => {
      if (isLost) return;
      isLost = true;
      await sql`UPDATE task SET token = token + 1, lease_until = now() - interval '1 minute'`.execute(db);
      const refusedByStore = context.deliver('first', { method: 'POST', url: 'http://127.0.0.1:9/' });
      const goesOn = async (): Promise<void> => {
        await refusedByStore.catch(() => undefined);
        await setImmediate();
        await context.deliver('second', { method: 'POST', url: 'http://127.0.0.1:9/' });
      };
      goesOn().catch((error: unknown) => late.resolve(String(error)));
      await refusedByStore;
    });
    const engine = runEngine(engineDeps(db, [kind]));
    try {
      const id = await addOf(db, kind.kind);
      expect(await late.promise).toBe(
        'Error: deliver("second") did nothing: this node has left the task, and another calls "work"',
      );
      const { exitStatus, logs } = await endOf(db, id);
      expect(exitStatus).toBe('COMPLETED');
      expect(logs.filter((line) => line.includes('await'))).toEqual([]);
    } finally {
      await engine.stop();
    }
  });

  it('to an object that its author has put into the memory changes no other step', async () => {
    const { work, thrown } = leavingTimer(({ memory }) => {
      const list = ['in time'];
      memory['mine'] = list;
      list.push('in time too');
      return () => list.push('too late');
    });
    const run = await simulateScript(kindOf(work), {});
    expect(await thrown).toBeNull();
    expect(run.memory['mine']).toEqual(['in time', 'in time too']);
  });

  it('may read what there was', async () => {
    let seen: unknown;
    const { work, thrown } = leavingTimer((context) => () => (seen = [context.memory['list'], context.bagOf('wrong')]));
    await simulateScript(kindOf(work), {});
    expect(await thrown).toBeNull();
    expect(seen).toEqual([[1], {}]);
  });
});

it('a write to a bag that was linked with another one since is refused, and not lost', async () => {
  const run = await simulateScript(
    carelessKind((context) => {
      const [bag, other] = [context.bag, context.bagOf('first')];
      bag['a'] = 1;
      context.linkContext('first');
      bag['b'] = 2;
      other['c'] = 3;
    }),
    {},
  );
  expect(run.exit.message).toBe(
    'bagOf("first").c was written into a bag that linkContext("first") has joined with another: get it anew',
  );
  expect(run.bags['first']).toEqual({ a: 1, b: 2 });
});
