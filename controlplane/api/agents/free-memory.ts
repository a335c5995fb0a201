/**
 * Frees the memory of a large buffer at once. Otherwise V8 frees it in a garbage collection, and starts a full one for every 64
 * MB of such memory. The buffer is empty afterwards. A buffer that shares its memory with others is not freed.
 */
export function freeMemory({ buffer, length }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length) buffer.transfer(0);
}
