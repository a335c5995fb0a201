import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRing, createStreamEnds } from '../../../agent/process/output/stream-ends.ts';

const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 });

describe('a ring', () => {
  it('has the last bytes of all that was pushed', () => {
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 50 }), (parts, capacity) => {
        const ring = createRing(capacity);
        for (const part of parts) ring.push(Buffer.from(part));
        const all = Buffer.concat(parts);
        expect(ring.content()).toEqual(all.subarray(Math.max(0, all.length - capacity)));
      }),
    );
  });
});

describe('the ends of a stream', () => {
  it('are its beginning and its end without overlap, and every byte is counted', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const ends = createStreamEnds(10, 20);
        for (const part of parts) ends.push(Buffer.from(part));
        const all = Buffer.concat(parts);
        expect(ends.bytes()).toBe(all.length);
        expect(ends.head()).toEqual(all.subarray(0, 10));
        expect(ends.tail()).toEqual(all.subarray(Math.max(10, all.length - 20)));
      }),
    );
  });

  it('tell nothing of what was skipped but how much it was', () => {
    const ends = createStreamEnds(10, 20);
    ends.push(Buffer.from('abc'));
    ends.skip(1_000);
    ends.push(Buffer.from('xyz'));
    expect([ends.head().toString(), ends.tail().toString(), ends.bytes(), ends.skipped()]).toEqual([
      'abc',
      'xyz',
      1_006,
      1_000,
    ]);
  });
});
