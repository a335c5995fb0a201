import { OperationalError } from '../../../shared/model/error.ts';
import { MAX_SIGNAL_BYTES, type SignalKind } from '../../../shared/protocol/signals.ts';

/**
 * Refuses a body that is too long for its kind. The limit of the route is that of the output signal, which alone carries the
 * output of a process.
 */
export function refuseTooLong(kind: SignalKind, body: Buffer): void {
  if (kind === 'output' || body.length <= MAX_SIGNAL_BYTES) return;
  throw new OperationalError('REQUEST_TOO_LARGE', {
    happened: `The ${kind} signal has ${body.length} bytes, and ${MAX_SIGNAL_BYTES} are allowed`,
    remedy: 'Shorten it; only the output signal may be longer',
  });
}

export function unknownClass(classId: string, known: readonly string[]): OperationalError {
  return new OperationalError('SIGNAL_UNKNOWN_CLASS', {
    happened: `No signal has the class id "${classId.slice(0, 100)}"`,
    remedy: `Send one of ${known.join(', ')}`,
  });
}
