import type { OutputPiece } from './chunk-queue.ts';

/** Bytes that become text at a time: a multiple of 3, so that the base64 of the slices is that of the whole. */
const SLICE_BYTES = 48 * 1024;
const END = '"}';

/**
 * Makes bodies of chunk reports, one after the other in the same memory: as a text of its own, then one in JSON, then
 * bytes, each would leave four times its size as garbage. A body is there until the next one is made. `more` pieces are of
 * the same process.
 */
export function createChunkPrinter(): (first: OutputPiece, more: readonly OutputPiece[]) => Buffer<ArrayBuffer> {
  let store = Buffer.alloc(0);
  return (first, more) => {
    const { processId, stream, offset } = first;
    const end = more.length === 0 ? END : `","more":${JSON.stringify(more.map(printSmall))}}`;
    const begin = Buffer.from(`${JSON.stringify({ processId, stream, offset }).slice(0, -1)},"data":"`);
    const length = begin.length + Math.ceil(first.bytes.length / 3) * 4 + end.length;
    if (length > store.length) store = Buffer.allocUnsafeSlow(length);
    let at = begin.copy(store);
    at = writeBase64(store, first.bytes, at);
    store.write(end, at, 'latin1');
    return store.subarray(0, length);
  };
}

function writeBase64(store: Buffer, bytes: Buffer, start: number): number {
  let at = start;
  for (let from = 0; from < bytes.length; from += SLICE_BYTES)
    at += store.write(bytes.toString('base64', from, Math.min(from + SLICE_BYTES, bytes.length)), at, 'latin1');
  return at;
}

/** Pieces between which the stream changes are lines, and their garbage is small. */
function printSmall({ stream, offset, bytes }: OutputPiece): object {
  return { stream, offset, data: bytes.toString('base64') };
}
