import { z } from 'zod';
import { CLASS_ID, type SignalKind } from '../../shared/protocol/signals.ts';
import { jsonOrUndefined } from '../../shared/text/json-or-undefined.ts';

/** A signal that is not answered yet. Its bytes never change again: the server compares them by their hash. */
export interface PendingSignal {
  /** From 1, in the order in which the signals were first given to the sender. */
  readonly sequence: number;
  readonly kind: SignalKind;
  readonly body: Buffer<ArrayBuffer>;
}

export interface PendingSignals {
  readonly callbackId: string;
  readonly keyId: string;
  readonly nextSequence: number;
  readonly signals: readonly PendingSignal[];
}

// One line of JSON that says what follows, then the bodies one after the other, as they are.
const Head = z.object({
  callbackId: z.string(),
  keyId: z.string(),
  nextSequence: z.number().int().positive(),
  signals: z.array(
    z.object({
      sequence: z.number().int().positive(),
      kind: z.enum(Object.keys(CLASS_ID) as [SignalKind, ...SignalKind[]]),
      bytes: z.number().int().min(0),
    }),
  ),
});

export function printPending(pending: PendingSignals): Buffer {
  const signals = pending.signals.map(({ sequence, kind, body }) => ({ sequence, kind, bytes: body.length }));
  const head = Buffer.from(`${JSON.stringify({ ...pending, signals })}\n`);
  return Buffer.concat([head, ...pending.signals.map((signal) => signal.body)]);
}

/** Undefined for anything that `printPending` did not write: the spool may hold another program's bytes. */
export function parsePending(content: Buffer): PendingSignals | undefined {
  const end = content.indexOf(0x0a);
  if (end < 0) return undefined;
  const head = Head.safeParse(jsonOrUndefined(content.subarray(0, end).toString()));
  if (!head.success) return undefined;
  const signals: PendingSignal[] = [];
  let at = end + 1;
  for (const { sequence, kind, bytes } of head.data.signals) {
    signals.push({ sequence, kind, body: Buffer.from(content.subarray(at, at + bytes)) });
    at += bytes;
  }
  return at === content.length ? { ...head.data, signals } : undefined;
}
