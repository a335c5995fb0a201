/** The beginning of a stream. */
export interface BoundedBytes {
  readonly bytes: Buffer;
  /** True when these are all bytes of the stream. */
  readonly isWhole: boolean;
}

/** Reads `maxBytes` at most. A longer stream is destroyed, so that the rest need not be received. */
export async function readBounded(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<BoundedBytes> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of stream) {
    pieces.push(piece);
    length += piece.length;
    if (length > maxBytes) break; // leaving the loop ends the stream
  }
  return { bytes: Buffer.concat(pieces).subarray(0, maxBytes), isWhole: length <= maxBytes };
}
