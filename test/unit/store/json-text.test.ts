import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { cleanText, jsonText } from '../../../controlplane/store/json-text.ts';

describe('jsonText', () => {
  it.each([
    ['a NUL', 'a\0b', 'a\uFFFDb'],
    ['a high half of a surrogate pair', '\ud83d', '\uFFFD'],
    ['a low half of a surrogate pair', '\ude00x', '\uFFFDx'],
    ['a whole pair', '\u{1f600}', '\u{1f600}'],
    ['a backslash before u0000 as text', '\\u0000', '\\u0000'],
    ['two backslashes before a NUL', '\\\\\0', '\\\\\uFFFD'],
    ['undefined', undefined, null],
  ])('writes %s so that jsonb takes it', (_name, value, expected) => {
    expect(JSON.parse(jsonText(value))).toEqual(expected);
  });

  it('changes nothing but what jsonb refuses, in values and in names', () => {
    const anyText = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(fc.dictionary(anyText, fc.oneof(anyText, fc.integer(), fc.array(anyText))), (value) => {
        const written = JSON.parse(jsonText(value)) as unknown;
        const clean = (text: string): string => cleanText(text);
        const expected = Object.fromEntries(
          Object.entries(value).map(([name, item]) => [
            clean(name),
            typeof item === 'string' ? clean(item) : Array.isArray(item) ? item.map(clean) : item,
          ]),
        );
        expect(written).toEqual(expected);
      }),
    );
  });
});
