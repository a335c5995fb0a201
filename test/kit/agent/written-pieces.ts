import type { WrittenPiece } from '../../../controlplane/cli/output/written-piece.ts';

type PieceFacts = Partial<Omit<WrittenPiece, 'data'>>;

/** Makes pieces of output, each behind the one before it in its stream. */
export function createPieceWriter(): (text: string | Buffer, facts?: PieceFacts) => WrittenPiece {
  const ends = new Map<string, number>();
  let id = 0;
  return (text, facts = {}) => {
    const data = Buffer.from(text as string);
    const { attempt = 1, processId = 'build', stream = 'stdout', omittedBefore = 0 } = facts;
    const key = `${attempt}:${processId}:${stream}`;
    const offset = (ends.get(key) ?? 0) + omittedBefore;
    ends.set(key, offset + data.length);
    id += 1;
    const at = `2026-11-28T12:00:${String(id).padStart(2, '0')}.000Z`;
    return { id, at, attempt, processId, stream, offset, omittedBefore, ...facts, data };
  };
}
