import { describe, expect, it } from 'vitest';
import { checkOptions } from '../../../controlplane/engine/check-options.ts';

const CLASS_OBJECT = new (class Range {
  readonly from = 1;
})();

describe('options of a task', () => {
  it.each<[string, unknown]>([
    ['texts, numbers and lists', { name: 'x', size: 1.5, parts: ['a', { b: null }], fast: true, none: undefined }],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 })],
    ['a list with a hole', [1, undefined, 2]],
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
  ])('are refused with %s', (_what, value, words) => {
    expect(() => checkOptions('Scan', { value })).toThrow(
      `The options of a Scan task cannot be stored: ${words}. Options are stored as JSON`,
    );
  });
});
