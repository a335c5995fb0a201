/** The same bytes in pieces whose sizes the bytes themselves choose. */
export function inPieces(input: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < input.length;) {
    const size = 1 + (input[at]! % 13);
    pieces.push(input.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
