import type { OutputPart } from '../build-output.ts';
import type { StepReader } from './step-readers.ts';

/** What each text of the tool's own in a script begins with, and no output that is not made for it. */
const STARTS = ['{ __wip_', '( __wip_', 'set -eo pipefail; { __wip_'].map((text) => Buffer.from(text));

/** Shorter ones end many a line of output, which would have to wait for the next one. */
const MIN_START_BYTES = 4;

// The longest is the first line of a script, with two paths of the tool's own in it.
const MAX_OWN_BYTES = 4096;

/** Leaves out what `set -v` and SHELLOPTS=verbose show of the tool's own text: a step is what its author has written. */
export function withoutOwnText(reader: StepReader, ownText: RegExp): StepReader {
  let held: Buffer = Buffer.alloc(0);
  /** Of one piece; what may go on in the next one is held. */
  const strip = (piece: Buffer): Buffer[] => {
    const data = held.length === 0 ? piece : Buffer.concat([held, piece]);
    const parts: Buffer[] = [];
    let from = 0;
    for (let at = findStart(data, 0); at >= 0; at = findStart(data, at + 1)) {
      if (at < from) continue;
      const ownBytes = matchLength(ownText, data.subarray(at, at + MAX_OWN_BYTES));
      if (ownBytes === 0 && isOpen(data, at)) {
        parts.push(data.subarray(from, at));
        held = data.subarray(at);
        return parts;
      }
      if (ownBytes === 0) continue;
      parts.push(data.subarray(from, at));
      from = at + ownBytes;
    }
    const keep = Math.max(from, startOfHeld(data));
    parts.push(data.subarray(from, keep));
    held = data.subarray(keep);
    return parts;
  };
  const release = (): Buffer[] => {
    const all = held;
    held = Buffer.alloc(0);
    return all.length === 0 ? [] : [all];
  };
  const pass = (part: OutputPart): OutputPart[] =>
    part instanceof Uint8Array
      ? strip(Buffer.from(part.buffer, part.byteOffset, part.byteLength))
      : [...release(), part];
  return {
    push: (data) =>
      reader
        .push(data)
        .flatMap(pass)
        .filter((part) => part.length > 0),
    end: () => [...reader.end().flatMap(pass), ...release()].filter((part) => part.length > 0),
  };
}

function findStart(data: Buffer, from: number): number {
  const found = STARTS.map((start) => data.indexOf(start, from)).filter((at) => at >= 0);
  return found.length === 0 ? -1 : Math.min(...found);
}

function matchLength(ownText: RegExp, data: Buffer): number {
  ownText.lastIndex = 0;
  return ownText.exec(data.toString('latin1'))?.[0].length ?? 0;
}

/** Whether the line goes on in the next piece. */
function isOpen(data: Buffer, at: number): boolean {
  return data.length - at < MAX_OWN_BYTES && data.indexOf(0x0a, at) < 0;
}

/** Where the start of such a text begins whose rest is still to come; the length of the data when there is none. */
function startOfHeld(data: Buffer): number {
  // The longest one begins first, and may have another one in it.
  return Math.min(...STARTS.map((start) => data.length - endingBytes(data, start)));
}

/** How many bytes of this start the data ends with. */
function endingBytes(data: Buffer, start: Buffer): number {
  for (let length = Math.min(start.length - 1, data.length); length >= MIN_START_BYTES; length--) {
    if (data.subarray(data.length - length).equals(start.subarray(0, length))) return length;
  }
  return 0;
}
