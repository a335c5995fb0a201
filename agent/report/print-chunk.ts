import type { OutputPiece } from './chunk-queue.ts';

/** So much at a time becomes text: a multiple of 3, so that the base64 of the slices is that of the whole. */
const SLICE_BYTES = 48 * 1024;
const END = '"}';

/**
 * Makes bodies of chunk reports, one after the other in the same memory: as a text of its own, then one in JSON, then
 * bytes, each would leave four times its size as garbage. A body is there until the next one is made.
 */
export function createChunkPrinter(): (piece: OutputPiece) => Buffer<ArrayBuffer> {
  let store = Buffer.alloc(0);
  return ({ processId, stream, offset, bytes }) => {
    const begin = Buffer.from(`${JSON.stringify({ processId, stream, offset }).slice(0, -1)},"data":"`);
    const length = begin.length + Math.ceil(bytes.length / 3) * 4 + END.length;
    if (length > store.length) store = Buffer.allocUnsafeSlow(length);
    let at = begin.copy(store);
    for (let from = 0; from < bytes.length; from += SLICE_BYTES)
      at += store.write(bytes.toString('base64', from, Math.min(from + SLICE_BYTES, bytes.length)), at, 'latin1');
    store.write(END, at, 'latin1');
    return store.subarray(0, length);
  };
}
