import type { StreamName } from '../../../shared/protocol/signals.ts';
import { slicePiece, type WrittenPiece } from '../output/written-piece.ts';
import { StepCutter, type KnownSteps } from './cut-steps.ts';
import type { StepChoice } from './choose-step.ts';

export interface PieceFilter {
  readonly stream: StreamName | 'all';
  /** Only what arrived at this time or later; ISO 8601. */
  readonly since: string | null;
  readonly step: { readonly choice: StepChoice; readonly known: KnownSteps } | null;
}

/** Returns the requested parts of the pieces. */
export interface PieceSelection {
  take(piece: WrittenPiece): WrittenPiece[];
  /** Returns the data that was held back because it could not be decided yet. */
  end(): WrittenPiece[];
}

export function selectPieces({ stream, since, step }: PieceFilter): PieceSelection {
  const sinceMs = since === null ? -Infinity : Date.parse(since);
  const isWanted = (piece: WrittenPiece): boolean =>
    (stream === 'all' || piece.stream === stream) && Date.parse(piece.at) >= sinceMs;
  if (!step) return { take: (piece) => (isWanted(piece) ? [piece] : []), end: () => [] };
  const { choice } = step;
  const cutter = new StepCutter(step.known);
  const wanted = (parts: ReturnType<StepCutter['cut']>): WrittenPiece[] =>
    parts.flatMap((part) => (part.step && choice(part.step) && isWanted(part.piece) ? [part.piece] : []));
  return { take: (piece) => wanted(cutter.cut(piece)), end: () => wanted(cutter.end()) };
}

/** Returns a function that drops the first `count` lines. */
export function skipLines(count: number): (piece: WrittenPiece) => WrittenPiece[] {
  let left = count;
  return (piece) => {
    if (left === 0) return [piece];
    let from = 0;
    while (left > 0) {
      const end = piece.data.indexOf(0x0a, from);
      if (end === -1) return [];
      from = end + 1;
      left -= 1;
    }
    return from === piece.data.length ? [] : [slicePiece(piece, from)];
  };
}

/** Counts lines; the last one needs no line break. */
export class LineCount {
  #breaks = 0;
  #isLineOpen = false;

  add({ data }: WrittenPiece): void {
    if (data.length === 0) return;
    for (let at = data.indexOf(0x0a); at !== -1; at = data.indexOf(0x0a, at + 1)) this.#breaks += 1;
    this.#isLineOpen = data.at(-1) !== 0x0a;
  }

  get lines(): number {
    return this.#breaks + (this.#isLineOpen ? 1 : 0);
  }
}
