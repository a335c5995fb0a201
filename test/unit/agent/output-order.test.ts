import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMasker, createSecretPatterns, maskText } from '../../../agent/process/secrets/masker.ts';
import { createOutputOrder, type OutputOrder } from '../../../agent/process/output/output-order.ts';
import type { StreamName } from '../../../shared/protocol/signals.ts';

const SECRET = 'hunter2-correct-horse-battery-staple-0123456789';

const secretPatterns = createSecretPatterns();
secretPatterns.add([SECRET]);

interface Given {
  readonly order: OutputOrder;
  readonly pieces: [StreamName, string][];
}

function push(order: OutputOrder, stream: StreamName, data: Buffer): void {
  order.push({ [stream]: data }, [{ stream, bytes: data.length }]);
}

/** Collects what is given on, neighbouring pieces of a stream joined. */
function collect(): Given {
  const pieces: [StreamName, string][] = [];
  const maskers = { stdout: createMasker(secretPatterns), stderr: createMasker(secretPatterns) };
  const order = createOutputOrder(maskers, (stream, masked) => {
    const last = pieces.at(-1);
    const text = masked.toString('latin1');
    if (last?.[0] === stream) last[1] += text;
    else pieces.push([stream, text]);
  });
  return { order, pieces };
}

describe('both streams of a process', () => {
  it('are given on in the order in which they were read, also around the end of a line that may begin a secret', () => {
    const { order, pieces } = collect();
    push(order, 'stdout', Buffer.from('one: h'));
    push(order, 'stderr', Buffer.from('two: h'));
    expect(pieces).toEqual([['stdout', 'one: ']]);
    expect(order.isWaiting).toBe(true);
    push(order, 'stdout', Buffer.from('ello\nthree\n'));
    push(order, 'stderr', Buffer.from('ey\n'));
    expect(order.isWaiting).toBe(false);
    expect(pieces).toEqual([
      ['stdout', 'one: h'],
      ['stderr', 'two: h'],
      ['stdout', 'ello\nthree\n'],
      ['stderr', 'ey\n'],
    ]);
  });

  it('mask a secret that is written in two parts with the other stream between', () => {
    const { order, pieces } = collect();
    push(order, 'stdout', Buffer.from(SECRET.slice(0, 20)));
    push(order, 'stderr', Buffer.from('between\n'));
    push(order, 'stdout', Buffer.from(`${SECRET.slice(20)}\n`));
    order.end();
    expect(pieces).toEqual([
      ['stdout', '*'.repeat(20)],
      ['stderr', 'between\n'],
      ['stdout', `${'*'.repeat(SECRET.length - 20)}\n`],
    ]);
  });

  it('do not wait for ever for the rest of a secret, and still do not tell its beginning', () => {
    const { order, pieces } = collect();
    push(order, 'stdout', Buffer.from(`prompt ${SECRET.slice(0, 20)}`));
    push(order, 'stderr', Buffer.from('later\n'));
    order.stopWaiting();
    push(order, 'stderr', Buffer.from('much later\n'));
    expect(pieces).toEqual([
      ['stdout', 'prompt '],
      ['stderr', 'later\nmuch later\n'],
    ]);
    push(order, 'stdout', Buffer.from(SECRET.slice(20)));
    order.end();
    expect(pieces.slice(2)).toEqual([['stdout', '*'.repeat(SECRET.length)]]);
  });

  it('hold a bounded part of one back for the other', () => {
    const { order, pieces } = collect();
    push(order, 'stdout', Buffer.from('h'));
    for (let count = 0; count < 5; count += 1) push(order, 'stderr', Buffer.alloc(64 * 1024, 'x'));
    const given = pieces.reduce((sum, [, text]) => sum + text.length, 0);
    expect(given).toBe(5 * 64 * 1024);
    order.end();
    expect(pieces.at(-1)).toEqual(['stdout', 'h']);
  });

  it('are masked as whole texts and given on in the parts in which they were written', () => {
    const { order, pieces } = collect();
    const texts = { stdout: Buffer.from(`one ${SECRET}\nthree\n`), stderr: Buffer.from('two\nfour h') };
    const part = (stream: StreamName, bytes: number): { stream: StreamName; bytes: number } => ({ stream, bytes });
    order.push(texts, [part('stdout', SECRET.length + 5), part('stderr', 4), part('stdout', 6), part('stderr', 6)]);
    order.end();
    expect(pieces).toEqual([
      ['stdout', `one ${'*'.repeat(SECRET.length)}\n`],
      ['stderr', 'two\n'],
      ['stdout', 'three\n'],
      ['stderr', 'four h'],
    ]);
  });

  it('come in order, complete and masked, however they are cut', () => {
    const word = fc.constantFrom('h', 'hunter2-', SECRET, SECRET.slice(0, 30), 'plain ', '\n', SECRET.slice(30));
    const piece = fc.tuple(fc.constantFrom<StreamName>('stdout', 'stderr'), word);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (written) => {
        const { order, pieces } = collect();
        for (const [stream, text] of written) push(order, stream, Buffer.from(text));
        order.end();
        const of = (list: readonly (readonly [StreamName, string])[], name: StreamName): string =>
          list.flatMap(([stream, text]) => (stream === name ? [text] : [])).join('');
        for (const name of ['stdout', 'stderr'] as const) {
          expect(of(pieces, name)).toBe(maskText(of(written, name), secretPatterns));
        }
        const streams = (list: readonly (readonly [StreamName, string])[]): string =>
          list.flatMap(([stream, text]) => [...text].map(() => (stream === 'stdout' ? 'o' : 'e'))).join('');
        expect(streams(pieces)).toBe(streams(written));
      }),
    );
  });
});
