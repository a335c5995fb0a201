import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkOptions } from '../../../controlplane/engine/check-options.ts';
import { prepareTask } from '../../../controlplane/engine/prepare-task.ts';
import { BASIC_WIP } from '../../../controlplane/tasks/kinds.ts';

const CLASS_OBJECT = new (class Range {
  readonly from = 1;
})();

describe('options of a task', () => {
  it.each<[string, unknown]>([
    ['texts, numbers and lists', { name: 'x', size: 1.5, parts: ['a', { b: null }], fast: true, none: undefined }],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 })],
    ['text of every language', 'Ünïcödé 日本語 🙂 \u{fffd}'],
  ])('may be %s', (_what, value) => {
    expect(() => checkOptions('Scan', { value })).not.toThrow();
  });

  it.each<[string, unknown, string]>([
    ['a Date, which its class would get back as a text', new Date(0), 'value is a Date'],
    ['a Set, which would come back empty', { tags: new Set(['a']) }, 'value.tags is a Set'],
    ['a Map', [new Map()], 'value[0] is a Map'],
    ['a BigInt', 5n, 'value is a BigInt'],
    ['Infinity, which would come back as null', Infinity, 'value is Infinity'],
    ['a function', () => 1, 'value is a function'],
    ['an object of a class', CLASS_OBJECT, 'value is a Range'],
    ['bytes', Buffer.from('x'), 'value is a Buffer'],
    ['a NUL, which no database keeps', { name: 'a\0b' }, 'value.name holds the character NUL'],
    ['half of a character', ['\ud83d'], 'value[0] holds half of a surrogate pair, which is no whole Unicode text'],
    ['a name with a NUL', { 'a\0b': 1 }, 'value has a field whose name holds the character NUL'],
    [
      'a name with half of a character',
      { '\udc00': 1 },
      'value has a field whose name holds half of a surrogate pair, which is no whole Unicode text',
    ],
    ['undefined in a list, which would come back as null', [1, undefined], 'value has an item that is undefined, at 1'],
    ['a list with a hole', Object.assign([], { 1: 'b' }), 'value has an item that is undefined, at 0'],
    ['a list with a name', Object.assign(['a'], { last: 'a' }), 'value is a list with fields beside its items'],
    ['a toJSON of its own', { toJSON: () => 7 }, 'value has a toJSON, which JSON reads in its place'],
    [
      'a hidden toJSON',
      Object.defineProperty({ a: 1 }, 'toJSON', { value: () => 7, enumerable: false }),
      'value has a toJSON, which JSON reads in its place',
    ],
    ['a symbol for a name', { [Symbol('note')]: 1 }, 'value has a field that is named by a symbol, Symbol(note)'],
    ['a text that is an object', Object('x'), 'value is a String'],
    ['minus zero, which would come back as 0', { shift: [-0] }, 'value.shift[0] is -0, which comes back as 0'],
    [
      'a hidden field, which would be lost',
      Object.defineProperty({ a: 1 }, 'b', { value: 2, enumerable: false }),
      'value has a field that JSON leaves out, because it is not enumerable, "b"',
    ],
    [
      'a getter, which would come back as its value',
      {
        get day(): never {
          throw new Error('not to be asked');
        },
      },
      'value has a field that is a getter or setter, "day"',
    ],
    [
      'a getter in a list',
      Object.defineProperty([], 0, { get: () => 1, enumerable: true }),
      'value has a field that is a getter or setter, "0"',
    ],
    [
      'a list of a class, which would come back as a plain one',
      new (class Tags extends Array {})(),
      'value is a list of the class Tags',
    ],
    ['a list without a class', Object.setPrototypeOf(['a'], null), 'value is a list without a class'],
    [
      'a symbol for a name in a list',
      Object.assign(['a'], { [Symbol('note')]: 1 }),
      'value has a field that is named by a symbol, Symbol(note)',
    ],
  ])('are refused with %s', (_what, value, words) => {
    expect(() => checkOptions('Scan', { value })).toThrow(
      `The options of a Scan task cannot be stored: ${words}. Options are stored as JSON`,
    );
  });

  it('are refused as a whole for what belongs to none of them', () => {
    expect(() => checkOptions('Scan', { [Symbol('note')]: 1 })).toThrow(
      'the whole has a field that is named by a symbol',
    );
    const hidden = Object.defineProperty({}, 'note', { value: 1 });
    expect(() => checkOptions('Scan', hidden)).toThrow('the whole has a field that JSON leaves out');
    expect(() => checkOptions('Scan', new Map() as never)).toThrow('the whole is a Map');
  });
});

it('options that a schema hides or computes are refused when a task is added', () => {
  const schema = z.object({}).transform(() => Object.defineProperty({}, 'note', { value: 1 }));
  const kind = { ...BASIC_WIP, options: { schema, sealed: [] } };
  const deps = {
    kinds: new Map([[kind.kind, kind]]),
    maxRunSeconds: 60,
    settings: { repositoryHosts: null, outgoingHosts: null },
  } as never;
  expect(() => prepareTask(deps, { kind: kind.kind, options: {} })).toThrow(
    'The options of a BasicWip task cannot be stored: the whole has a field that JSON leaves out',
  );
});
