/**
 * Gives the memory of a large buffer back at once. V8 frees it with a collection otherwise, and begins a whole one for each
 * 64 MB of such memory. The buffer is empty afterwards; one that shares its memory with others is left alone.
 */
export function freeMemory({ buffer, length }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length) buffer.transfer(0);
}
