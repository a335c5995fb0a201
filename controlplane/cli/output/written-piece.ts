import type { OutputView } from '../../api/tasks/recording/task-recording-views.ts';

/** A piece of output with its bytes. */
export interface WrittenPiece extends Omit<OutputView, 'data'> {
  readonly data: Buffer;
}

export function pieceOf(view: OutputView): WrittenPiece {
  return { ...view, data: Buffer.from(view.data, 'base64') };
}

export function outputViewOf(piece: WrittenPiece): OutputView {
  return { ...piece, data: piece.data.toString('base64') };
}

/** Returns the bytes of the piece from one position in it to another. */
export function slicePiece(piece: WrittenPiece, from: number, to: number = piece.data.length): WrittenPiece {
  const { offset, omittedBefore, data } = piece;
  return {
    ...piece,
    offset: offset + from,
    omittedBefore: from === 0 ? omittedBefore : 0,
    data: data.subarray(from, to),
  };
}

/** Names the stream of one process of one container. */
export function streamKey({ attempt, processId, stream }: WrittenPiece): string {
  return `${attempt}:${stream}:${processId}`;
}
