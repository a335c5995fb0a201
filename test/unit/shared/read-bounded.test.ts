import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readBounded } from '../../../shared/http/read-bounded.ts';

const stream = (...pieces: readonly string[]): Readable => Readable.from(pieces.map((piece) => Buffer.from(piece)));

describe('readBounded', () => {
  it.each([
    [[], '', true],
    [['abc', 'de'], 'abcde', true],
    [['abcdef'], 'abcde', false],
    [['abcde', 'f'], 'abcde', false],
  ])('reads 5 bytes at most of %j', async (pieces, text, isWhole) => {
    const read = await readBounded(stream(...pieces), 5);
    expect({ text: read.bytes.toString(), isWhole: read.isWhole }).toEqual({ text, isWhole });
  });

  it('ends a stream that would never end', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1_024);
      })(),
    );
    expect((await readBounded(endless, 10_000)).bytes).toHaveLength(10_000);
    expect(endless.destroyed).toBe(true);
  });

  it('rejects with the error of a stream that breaks', async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('a');
        throw new Error('reset');
      })(),
    );
    await expect(readBounded(broken, 10)).rejects.toThrow('reset');
  });
});
