import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePending, printPending } from '../../../agent/report/pending-signals.ts';
import type { SignalKind } from '../../../shared/protocol/signals.ts';

const anySignal = fc.record({
  sequence: fc.integer({ min: 1, max: 1_000 }),
  kind: fc.constantFrom<SignalKind>('ready', 'output', 'exit', 'processComplete'),
  body: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
});
const anyPending = fc.record({
  callbackId: fc.string(),
  keyId: fc.string(),
  nextSequence: fc.integer({ min: 1, max: 1_000 }),
  signals: fc.array(anySignal, { maxLength: 5 }),
});

describe('parsePending', () => {
  it('reads back what printPending wrote, byte for byte', () => {
    fc.assert(
      fc.property(anyPending, (pending) => {
        expect(parsePending(printPending(pending))).toEqual(pending);
      }),
    );
  });

  it("gives nothing for bytes that were cut off or are somebody else's", () => {
    fc.assert(
      fc.property(anyPending, fc.nat(), (pending, at) => {
        const whole = printPending(pending);
        const cut = whole.subarray(0, at % whole.length);
        expect(parsePending(cut)).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(parsePending(Buffer.from(bytes))).toBeUndefined();
      }),
    );
  });
});
