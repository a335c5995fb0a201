/** Returns the same bytes in pieces. The bytes themselves choose the sizes. */
export function inPieces(input: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < input.length;) {
    const size = 1 + (input[at]! % 13);
    pieces.push(input.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
