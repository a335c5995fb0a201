import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findJsonProblem } from '../../../controlplane/api/http/strict-json.ts';

const TWICE = 'the key is there twice';
const PROTO = 'this key cannot be used';
const TEXT = 'it has a NUL or half a surrogate pair, which cannot be kept';
const KEY = `the key has${TEXT.slice(6)}`;

describe('what a person’s JSON says and nobody keeps', () => {
  it.each([
    ['{"a":1,"a":2}', 'a', TWICE],
    ['{"a":1,"b":{"c":[0,{"d":1,"\\u0064":2}]}}', 'b.c.1.d', TWICE],
    ['{"options":{"__proto__":{"x":1}}}', 'options.__proto__', PROTO],
    ['{"\\u005f_proto__":1}', '__proto__', PROTO],
    ['{"a":["x","y\\u0000"]}', 'a.1', TEXT],
    ['{"a":"\\ud800"}', 'a', TEXT],
    ['"\\udc00\\ud800"', '', TEXT],
    ['{"a\\u0000":1}', 'a\0', KEY],
    ['{"\\ud83d":1}', '\ufffd', KEY],
  ])('is found in %s', (text, path, message) => {
    expect(findJsonProblem(text)).toEqual({ path, message });
  });

  it.each([
    '{}',
    '[]',
    '"x"',
    '1',
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}',
    '{"a":"a","b":"a","c":["a","a"]}',
    '{"a":"{\\"a\\":1,\\"a\\":2}","b":"\\\\u0000 \\\\ud800"}',
    '{"constructor":1,"prototype":2,"toString":3,"proto":"__proto__"}',
    '{"\\ud83d\\ude00":"\\ud83d\\ude00 😀"}',
    ' { "a" : [ 1 , { } , [ ] ] , "b" : null } ',
  ])('is not found in %s', (text) => expect(findJsonProblem(text)).toBeNull());

  it('is not found in what JSON.stringify has written, whatever it is', () => {
    const clean = fc.jsonValue().filter((value) => !/__proto__|\\u0000|\\ud[89a-f]/i.test(JSON.stringify(value)));
    fc.assert(fc.property(clean, (value) => findJsonProblem(JSON.stringify(value)) === null));
  });

  it('is found wherever a key is repeated', () => {
    const keys = fc.uniqueArray(
      fc.string().filter((key) => key !== '__proto__' && !/\0|\p{Cs}/u.test(key)),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(keys, fc.nat(), (list, at) => {
        const again = list[at % list.length]!;
        const text = `{${[...list, again].map((key) => `${JSON.stringify(key)}:[{}]`).join(',')}}`;
        expect(findJsonProblem(text)).toEqual({ path: again, message: TWICE });
      }),
    );
  });
});
