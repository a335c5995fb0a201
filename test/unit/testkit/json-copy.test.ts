import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonText } from '../../../controlplane/store/json-text.ts';
import { jsonCopy } from '../../testkit/record/json-copy.ts';

function throughText(value: unknown): unknown {
  return JSON.parse(jsonText(value));
}

describe('a copy by way of JSON', () => {
  it('is what is read again from JSON text, whatever was kept', () => {
    const anything = fc.anything({
      withDate: true,
      withMap: true,
      withSet: true,
      withBoxedValues: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
      withTypedArray: true,
      key: fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('__proto__', 'toJSON', 'constructor', 'a\0', 'a\uFFFD'),
      ),
      values: [
        fc.string({ unit: 'binary' }),
        fc.constantFrom('\ud800', 'a\0b', '😀', '\\u0000'),
        fc.double(),
        fc.boolean(),
        fc.constant(null),
        fc.constant(undefined),
        fc.constant(() => 1),
        fc.constant(Symbol('a symbol')),
      ],
    });
    fc.assert(
      fc.property(anything, (value) => {
        const [expected, copy] = [throughText({ value }), jsonCopy({ value })];
        // Not toStrictEqual: it asks a property named __proto__ for the constructor.
        expect(isDeepStrictEqual(copy, expected)).toBe(true);
        expect(JSON.stringify(copy)).toBe(JSON.stringify(expected));
      }),
      { numRuns: 2_000 },
    );
  });

  it('shares nothing with what was kept', () => {
    const kept = { list: [{ name: 'one' }] };
    const copy = jsonCopy(kept);
    kept.list[0]!.name = 'two';
    kept.list.push({ name: 'three' });
    expect(copy).toEqual({ list: [{ name: 'one' }] });
  });

  it('says of a ring that it is one', () => {
    const ring: Record<string, unknown> = {};
    ring['self'] = { back: ring };
    expect(() => jsonCopy(ring)).toThrow(/circular/);
  });

  it('refuses a bigint, as JSON does', () => {
    expect(() => jsonCopy({ count: 1n })).toThrow(TypeError);
  });
});
