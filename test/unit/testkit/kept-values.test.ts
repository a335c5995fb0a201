import { describe, expect, it } from 'vitest';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { carelessKind } from '../../kit/kinds/careless-wip.ts';
import { simulateScript } from '../../testkit/simulate-task.ts';
import type { SimulatedRun } from '../../testkit/simulated-run.ts';

const runOf = (work: (context: WipContext) => unknown): Promise<SimulatedRun> => simulateScript(carelessKind(work), {});

class Finding {
  readonly id = 1;
}

const CHANGED: readonly [string, unknown, string][] = [
  ['a Map', new Map([['a', 1]]), 'is a Map'],
  ['a Set', new Set([1]), 'is a Set'],
  ['a Date', new Date(0), 'is a Date'],
  ['an object of a class', new Finding(), 'is a Finding'],
  ['a promise', Promise.resolve(1), 'is a Promise'],
  ['a function', () => 1, 'is a function'],
  ['a symbol', Symbol('s'), 'is a symbol'],
  ['a BigInt', 1n, 'is a BigInt'],
  ['NaN', Number.NaN, 'is NaN'],
  ['an infinite number', -Infinity, 'is -Infinity'],
  ['an error', new TypeError('x'), 'is a TypeError'],
  ['bytes', Buffer.from('x'), 'is a Buffer'],
  ['a boxed number', Object(1), 'is a Number'],
  ['an object with a toJSON', { toJSON: () => 1 }, 'has a toJSON, which JSON reads in its place'],
  ['a list with undefined', [1, undefined], 'has an item that is undefined, at 1'],
  ['a list with a hole', [1, , 2], 'has an item that is undefined, at 1'],
  ['a list of a class', new (class Findings extends Array<number> {})(1, 2), 'is a list of the class Findings'],
  [
    'a generator',
    (function* () {
      yield 1;
    })(),
    'is a Generator',
  ],
  ['an object of a class without a name', new (class {})(), 'is a nameless class'],
  ['a list with fields', Object.assign([1], { total: 1 }), 'is a list with fields beside its items'],
  ['a field that is named by a symbol', { [Symbol('s')]: 1 }, 'has a field that is named by a symbol, Symbol(s)'],
];

describe('what a method keeps and JSON would make another value of', () => {
  it.each(CHANGED)('%s is refused in the memory, with its path', async (_what, value, is) => {
    const run = await runOf(({ memory }) => void (memory['scan'] = { findings: [{ value }] }));
    expect(run.exit.message).toBe(`The memory of the task cannot be saved: scan.findings[0].value ${is}.`);
    expect(run.memory).toEqual({});
  });

  it.each(CHANGED)('%s is refused in a bag', async (_what, value, is) => {
    const run = await runOf(({ bag }) => void (bag['kept'] = value));
    expect(run.exit.message).toBe(`The bag of "work" cannot be saved: kept ${is}.`);
  });

  it('is refused where a method writes into what was there before', async () => {
    const kind = carelessKind(
      ({ memory }) => void (memory['list'] as unknown[]).push(new Set()),
      'Careless',
      ({ memory }) => void (memory['list'] = [1]),
    );
    const run = await simulateScript(kind, {});
    expect(run.exit.message).toBe('The memory of the task cannot be saved: list[1] is a Set.');
  });

  it('is refused in what has no field of its own: a symbol, and another prototype', async () => {
    const run = await runOf(({ memory, bag }) => {
      Object.assign(memory, { [Symbol('s')]: 1, kept: 1 });
      Object.setPrototypeOf(bag, { inherited: 1 });
      bag['kept'] = 2;
    });
    expect(run.exit.message).toBe(
      'The memory of the task cannot be saved: a field is named by a symbol, Symbol(s). ' +
        'The bag of "work" cannot be saved: it has another prototype than plain objects.',
    );
    expect([run.memory, run.bags['work']]).toEqual([{ kept: 1 }, { kept: 2 }]);
  });

  it('is nothing of plain JSON, nor a field that is undefined', async () => {
    const kept = {
      text: 'a\0b',
      list: [[], {}, null, true, 0.5],
      none: Object.assign(Object.create(null) as object, { a: 1 }),
      copy: structuredClone({ a: { b: 1 } }),
    };
    const run = await runOf(({ memory }) => void Object.assign(memory, kept, { left: undefined }));
    expect(run.exit.message).toBe('');
    expect(run.memory).toEqual({ ...kept, none: { a: 1 }, text: 'a\uFFFDb' });
  });
});

describe('what a method gets of memory and bag', () => {
  it('are its own objects, as it has put them there', async () => {
    const seen: boolean[] = [];
    const run = await runOf(({ memory }) => {
      const one = { id: 1 };
      const items = (memory['items'] ??= []) as object[];
      items.push(one);
      memory['items'] = items;
      seen.push(memory['items'] === items, items.includes(one), (memory['items'] as object[]).indexOf(one) === 0);
    });
    expect(seen).toEqual([true, true, true]);
    expect(run.memory).toEqual({ items: [{ id: 1 }] });
  });

  it('is one object for one place, and can be moved and used as any list', async () => {
    const kind = carelessKind(
      ({ memory }) => {
        const list = memory['list'] as number[];
        expect(memory['list']).toBe(list);
        list.sort();
        list.splice(1, 1);
        list.length = 2;
        memory['moved'] = { list, again: list };
        memory['spread'] = [...list, ...Object.values(memory['list'] as number[])];
        delete memory['list'];
        expect(memory).toEqual({ moved: { list: [1, 3], again: [1, 3] }, spread: [1, 3, 1, 3] });
      },
      'Careless',
      ({ memory }) => void (memory['list'] = [4, 3, 2, 1]),
    );
    const run = await simulateScript(kind, {});
    expect(run.exit.message).toBe('');
    expect(run.memory).toEqual({ moved: { list: [1, 3], again: [1, 3] }, spread: [1, 3, 1, 3] });
  });

  it('changes a list as a plain one is changed, whatever its items are', async () => {
    const change = (list: unknown[]): unknown[] => {
      const [first, second] = list;
      const said: unknown[] = [
        list.includes(first),
        list.indexOf(second),
        list.lastIndexOf('none'),
        list.includes(undefined),
      ];
      said.push(list.shift() === first, list.unshift({ id: 9 }, 'text', first), list.splice(1, 2, { id: 7 }, second));
      said.push(list.splice(-1), list.splice(1, 0), list.shift(), list.length);
      list.splice(1, 1, [1, 2], null);
      return said;
    };
    const items = (): unknown[] => [{ id: 1 }, { id: 2 }, 3, 'four', [5]];
    const plain = items();
    const expected = JSON.stringify(change(plain));
    const kind = carelessKind(
      ({ memory }) => {
        const said = change(memory['list'] as unknown[]);
        memory['said'] = JSON.stringify(said);
      },
      'Careless',
      ({ memory }) => void (memory['list'] = items()),
    );
    const run = await simulateScript(kind, {});
    expect(run.exit.message).toBe('');
    expect(run.memory).toEqual({ list: JSON.parse(JSON.stringify(plain)), said: expected });
  });

  it.each([
    ['a node that lives', {}],
    ['nodes that die', { takeovers: 'everywhere' }],
  ] as const)(
    'is two objects for a later method, where one was put into two places: with %s',
    async (_node, script) => {
      const kind = carelessKind(
        ({ memory }) => {
          (memory['a'] as { n: number }).n = 2;
          (memory['within'] as { a: { n: number } }).a.n = 3;
        },
        'Careless',
        ({ memory }) => {
          const one = { n: 1 };
          memory['a'] = one;
          memory['b'] = memory['a'];
          memory['within'] = { a: one, b: one };
        },
      );
      const { memory } = await simulateScript(kind, script);
      expect(memory).toEqual({ a: { n: 2 }, b: { n: 1 }, within: { a: { n: 3 }, b: { n: 1 } } });
    },
  );

  it.each<[string, PropertyDescriptor]>([
    ['a getter', { get: () => 1, enumerable: true, configurable: true }],
    ['one that JSON does not see', { value: 1, writable: true, configurable: true }],
    ['one that no later method can change', { value: {}, enumerable: true }],
  ])('takes no property that is %s', async (_what, property) => {
    const run = await runOf(({ memory }) => Object.defineProperty(memory, 'kept', property));
    expect(run.exit.message).toBe('memory.kept is defined as JSON cannot keep it: assign its value');
  });

  it('takes a property that is defined as an assignment would, and one of a list again', async () => {
    const kind = carelessKind(
      ({ memory }) => {
        Object.defineProperty(memory, 'kept', { value: [1], writable: true, enumerable: true, configurable: true });
        Object.defineProperty(memory, 'kept', { value: [2] });
        Object.defineProperty(memory['list'] as number[], 'length', { value: 1 });
      },
      'Careless',
      ({ memory }) => void (memory['list'] = [1, 2]),
    );
    expect((await simulateScript(kind, {})).memory).toEqual({ list: [1], kept: [2] });
  });

  it('whose getter fails only after it was looked at ends the task in its words', async () => {
    let reads = 0;
    const failing = {
      get x(): number {
        reads += 1;
        if (reads > 1) throw new Error('no second time');
        return 1;
      },
    };
    const run = await runOf(({ memory }) => void (memory['kept'] = failing));
    expect(run.memory).toEqual({});
    expect(run.logs.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/kept has a field that is a getter or setter, "x"/),
    );
  });

  it('cannot be cloned by structuredClone, which is told with what does it', async () => {
    const run = await runOf((context) => void structuredClone(context.memory));
    expect(run.exit.message).toBe(
      '#<Object> could not be cloned: if it is of context.bag or context.memory, copy it with JSON.parse(JSON.stringify(…)), which its proxies allow',
    );
  });

  it('cannot be frozen, which a reload would undo', async () => {
    const run = await runOf(({ memory }) => Object.freeze(memory));
    expect(run.exit.message).toBe(
      'memory cannot be frozen, as the next method writes into it: freeze a copy of it, JSON.parse(JSON.stringify(…))',
    );
  });
});
