import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMarkReader, newMarkKey, type StepMark } from '../../../agent/build/step/step-marks.ts';

const KEY = 'wip0123456789abcdef';

/** What a reader makes of a stream that arrives in these pieces: its marks, and the bytes between them. */
function read(pieces: readonly Buffer[]): { bytes: Buffer; marks: StepMark[] } {
  const reader = createMarkReader(KEY);
  const parts = [...pieces.flatMap((piece) => reader.push(piece)), reader.end()];
  const marks: StepMark[] = [];
  const bytes: Buffer[] = [];
  for (const part of parts) {
    if (part instanceof Uint8Array) bytes.push(part);
    else marks.push(part);
  }
  return { bytes: Buffer.concat(bytes), marks };
}

function split(data: Buffer, at: readonly number[]): Buffer[] {
  const cuts = [0, ...at.map((cut) => cut % (data.length + 1)).sort((a, b) => a - b), data.length];
  return cuts.slice(1).map((cut, index) => data.subarray(cuts[index], cut));
}

const MARKS: [string, StepMark][] = [
  ['b0', { kind: 'begin', indexes: [0] }],
  ['b12 13', { kind: 'begin', indexes: [12, 13] }],
  ['f7:1:[ -f x ]', { kind: 'failed', scriptLine: 7, hasStatus: true, command: '[ -f x ]' }],
  ['f7:0:echo a\nb: c', { kind: 'failed', scriptLine: 7, hasStatus: false, command: 'echo a\nb: c' }],
  ['f:1:', { kind: 'failed', scriptLine: null, hasStatus: true, command: '' }],
  ['x:exit 3\nb', { kind: 'exit', callLine: null, command: 'exit 3\nb' }],
  ['x9:', { kind: 'exit', callLine: 9, command: '' }],
];

describe('the marks of a step', () => {
  it.each(MARKS)('%j is taken out of the output wherever the stream is cut', (text, mark) => {
    const data = Buffer.from(`before\0${KEY}${text}\0after`);
    for (let cut = 0; cut <= data.length; cut++) {
      expect(read(split(data, [cut]))).toEqual({ bytes: Buffer.from('beforeafter'), marks: [mark] });
    }
  });

  it.each([
    ['another key', `\0${newMarkKey()}b1\0`],
    ['an unknown kind', `\0${KEY}z\0`],
    ['no number', `\0${KEY}fx:1:a\0`],
    ['no end', `\0${KEY}b1`],
    ['no end for longer than any mark', `\0${KEY}b${'1'.repeat(5000)}`],
    ['the beginning of a mark at the end of the output', `x\0${KEY.slice(0, 5)}`],
  ])('what only looks like a mark stays in the output: %s', (_, text) => {
    expect(read([Buffer.from(text)])).toEqual({ bytes: Buffer.from(text), marks: [] });
  });

  it('no byte is lost or moved, whatever is written between the marks and however the stream is cut', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom('\0', `\0${KEY.slice(0, 3)}`, KEY, '\n').map((text) => Buffer.from(text)),
      fc.constantFrom(...MARKS),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.array(fc.nat(500)), (parts, cuts) => {
        const plain = parts.filter((part) => Buffer.isBuffer(part));
        const data = Buffer.concat(
          parts.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from(`\0${KEY}${part[0]}\0`))),
        );
        const whole = read([data]);
        expect(read(split(data, cuts))).toEqual(whole);
        expect(whole.bytes).toEqual(Buffer.concat(plain));
        expect(whole.marks).toEqual(parts.flatMap((part) => (Buffer.isBuffer(part) ? [] : [part[1]])));
      }),
    );
  });
});
