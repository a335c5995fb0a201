import { CLASS_ID, SIGNAL_TYPE, type SignalKind, type StreamEnds } from '../../shared/protocol/signals.ts';

// JSON writes a control character as \u0001.
const MAX_BYTES_PER_CHARACTER = 6;
// Room for the count of omitted bytes, which grows by as many digits at the most.
const MAX_DIGITS = 16;

type Fields = Readonly<Record<string, unknown>>;

/**
 * The bytes of a signal: SIGNAL_BODY with the agent's fields laid over it. An output signal that is longer than
 * `maxBytes` loses the beginnings of its tails, then of its log, and counts what it lost: a signal that is too long
 * would be refused for good, and the last words would be none.
 */
export function printSignal(
  kind: SignalKind,
  signalBody: Fields,
  fields: Fields,
  maxBytes: number,
): Buffer<ArrayBuffer> {
  const whole: Fields = { ...signalBody, ...fields, classId: CLASS_ID[kind], type: SIGNAL_TYPE[kind] };
  let body = Buffer.from(JSON.stringify(whole));
  if (kind !== 'output' || body.length <= maxBytes) return body;
  let shorter = whole;
  for (const stream of ['stdout', 'stderr'] as const) {
    shorter = { ...shorter, [stream]: withShorterTail(shorter[stream], body.length - maxBytes) };
    body = Buffer.from(JSON.stringify(shorter));
    if (body.length <= maxBytes) return body;
  }
  const log = typeof shorter['log'] === 'string' ? shorter['log'] : '';
  const roomBytes = maxBytes - Buffer.byteLength(JSON.stringify({ ...shorter, log: '' }));
  const keptCharacters = Math.max(0, Math.floor(roomBytes / MAX_BYTES_PER_CHARACTER));
  return Buffer.from(JSON.stringify({ ...shorter, log: log.slice(log.length - keptCharacters) }));
}

/** Takes whole base64 groups of 4 characters (3 bytes) from the tail's beginning. */
function withShorterTail(ends: unknown, excessBytes: number): unknown {
  if (!isStreamEnds(ends)) return ends;
  const tail = Buffer.from(ends.tail, 'base64');
  const cut = Math.min(tail.length, Math.ceil((excessBytes + MAX_DIGITS) / 4) * 3);
  return { ...ends, tail: tail.subarray(cut).toString('base64'), omitted: ends.omitted + cut };
}

function isStreamEnds(value: unknown): value is StreamEnds {
  return (
    typeof value === 'object' &&
    value !== null &&
    'tail' in value &&
    typeof value.tail === 'string' &&
    'omitted' in value
  );
}
