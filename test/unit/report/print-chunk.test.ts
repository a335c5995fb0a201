import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createChunkPrinter } from '../../../agent/report/print-chunk.ts';
import { ChunkReport, MAX_CHUNK_BYTES, type StreamName } from '../../../shared/protocol/signals.ts';

it('the body of a chunk is what the control plane reads, one after the other in the same memory', () => {
  const print = createChunkPrinter();
  const size = fc.oneof(fc.nat(10), fc.nat(200_000), fc.constantFrom(49_152, 49_153, 512 * 1024));
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom('stdout', 'stderr'),
      fc.nat(),
      size,
      (processId, stream, offset, length) => {
        const bytes = Buffer.from(Array.from({ length: 97 }, (_, at) => (at * 31 + offset) % 256));
        const whole = Buffer.alloc(length, bytes);
        const body = print({ processId: `p${processId}`, stream, offset, bytes: whole }, []);
        expect(body.length).toBeLessThan(MAX_CHUNK_BYTES);
        const report = ChunkReport.parse(JSON.parse(body.toString()));
        expect({ ...report, data: '' }).toEqual({ processId: `p${processId}`, stream, offset, data: '' });
        expect(Buffer.from(report.data, 'base64').equals(whole)).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});

it('the body of several pieces has them all, in their order', () => {
  const print = createChunkPrinter();
  const piece = fc.record({
    processId: fc.constant('p"1'),
    stream: fc.constantFrom<StreamName>('stdout', 'stderr'),
    offset: fc.nat(),
    bytes: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  });
  fc.assert(
    fc.property(piece, fc.array(piece, { minLength: 1, maxLength: 63 }), (first, rest) => {
      const { processId, more = [], ...one } = ChunkReport.parse(JSON.parse(print(first, rest).toString()));
      expect(processId).toBe('p"1');
      expect([one, ...more]).toEqual(
        [first, ...rest].map(({ stream, offset, bytes }) => ({ stream, offset, data: bytes.toString('base64') })),
      );
    }),
  );
});
