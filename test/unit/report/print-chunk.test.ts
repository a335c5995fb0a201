import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createChunkPrinter } from '../../../agent/report/print-chunk.ts';
import { ChunkReport, MAX_CHUNK_BYTES } from '../../../shared/protocol/signals.ts';

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
        const body = print({ processId: `p${processId}`, stream, offset, bytes: whole });
        expect(body.length).toBeLessThan(MAX_CHUNK_BYTES);
        const report = ChunkReport.parse(JSON.parse(body.toString()));
        expect({ ...report, data: '' }).toEqual({ processId: `p${processId}`, stream, offset, data: '' });
        expect(Buffer.from(report.data, 'base64').equals(whole)).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});
