import type { StreamName } from '../../../shared/protocol/signals.ts';
import type { WipClient } from '../client/wip-client.ts';
import { pieceOf, type WrittenPiece } from '../output/written-piece.ts';

interface Range {
  /** Only pieces with a greater id. */
  readonly after: number;
  /** ISO 8601. */
  readonly since: string | null;
}

/** Reads the stored output of a task, page by page. */
export async function* readPieces(
  client: Pick<WipClient, 'readPieces'>,
  id: number,
  { after, since }: Range,
): AsyncGenerator<WrittenPiece> {
  for (let from = after; ;) {
    const { pieces, next } = await client.readPieces(id, { after: from, ...(since !== null && { since }) });
    if (pieces.length === 0) return;
    for (const view of pieces) yield pieceOf(view);
    from = next;
  }
}

/** Returns the id of the piece after which the last lines of a stream begin, and the number of lines to skip after that piece. */
export async function findLastLines(
  client: Pick<WipClient, 'readPieces'>,
  id: number,
  wanted: { readonly lines: number; readonly stream: StreamName | 'all'; readonly since: string | null },
): Promise<{ after: number; skip: number }> {
  let before = Number.MAX_SAFE_INTEGER;
  let found: number | undefined;
  for (;;) {
    const page = await client.readPieces(id, { before, ...(wanted.since !== null && { since: wanted.since }) });
    for (const view of page.pieces.toReversed()) {
      if (wanted.stream !== 'all' && view.stream !== wanted.stream) continue;
      const { data } = pieceOf(view);
      // A line break at the very end is not followed by a line.
      found ??= data.at(-1) === 0x0a ? -1 : 0;
      found += countBreaks(data);
      // The first wanted line may begin within this piece; the lines before it are skipped.
      if (found >= wanted.lines) return { after: view.id - 1, skip: found - wanted.lines + 1 };
    }
    const first = page.pieces[0];
    if (!first) return { after: 0, skip: 0 };
    before = first.id;
  }
}

function countBreaks(data: Buffer): number {
  let count = 0;
  for (let at = data.indexOf(0x0a); at !== -1; at = data.indexOf(0x0a, at + 1)) count += 1;
  return count;
}
