import { findStepHeaders, type StepHeader } from '../../../shared/protocol/step-header.ts';
import { slicePiece, type WrittenPiece } from '../output/written-piece.ts';

export interface StepPiece {
  readonly piece: WrittenPiece;
  /** The step of the build that wrote it; null before the first one. */
  readonly step: StepHeader | null;
}

// Longest line of a header. The tool writes a header with one call, so only the end of a long piece can cut it in two.
const MAX_HEADER_BYTES = 1024;
const HEADER_BEGIN = '=== ';

export interface KnownSteps {
  /** Tells the headers of the tool from lines of the build that look like one. */
  isHeader(header: StepHeader, attempt: number): boolean;
  /** Returns the step at a position of the build's stdout, for when its header is missing. */
  stepAt(offset: number): StepHeader | undefined;
}

/** Splits the output of a build into its steps, by the headers of the build tool. */
export class StepCutter {
  readonly #known: KnownSteps;
  /** The step that a process is in. */
  readonly #steps = new Map<string, StepHeader>();
  /** The end of a process's stdout that may be the beginning of a header, by process. */
  readonly #held = new Map<string, WrittenPiece>();
  /** Processes whose stdout ended within a line. */
  readonly #open = new Set<string>();

  constructor(known: KnownSteps) {
    this.#known = known;
  }

  cut(piece: WrittenPiece): StepPiece[] {
    const process = `${piece.attempt}:${piece.processId}`;
    if (piece.stream === 'stderr') return [this.#of(process, piece)];
    const earlier = piece.omittedBefore > 0 ? this.#jump(process, piece.offset) : [];
    const whole = this.#withHeld(process, piece);
    const kept = slicePiece(whole, 0, beginOfOpenHeader(whole.data));
    if (kept.data.length < whole.data.length) this.#held.set(process, slicePiece(whole, kept.data.length));
    return [...earlier, ...this.#cutAtHeaders(process, kept)];
  }

  /** Returns what was held back. */
  end(): StepPiece[] {
    return [...this.#held.keys()].flatMap((process) => this.#release(process));
  }

  /** Headers in a gap are missing, so the step after the gap is looked up by its position. */
  #jump(process: string, offset: number): StepPiece[] {
    const held = this.#release(process);
    const step = this.#steps.has(process) ? this.#known.stepAt(offset) : undefined;
    if (step) this.#steps.set(process, step);
    return held;
  }

  #release(process: string): StepPiece[] {
    const held = this.#held.get(process);
    this.#held.delete(process);
    return held ? [this.#of(process, held)] : [];
  }

  #withHeld(process: string, piece: WrittenPiece): WrittenPiece {
    const held = this.#held.get(process);
    this.#held.delete(process);
    if (!held) return piece;
    const { offset, omittedBefore } = held;
    return { ...piece, offset, omittedBefore, data: Buffer.concat([held.data, piece.data]) };
  }

  #cutAtHeaders(process: string, piece: WrittenPiece): StepPiece[] {
    const isWithinLine = this.#open.has(process) && piece.omittedBefore === 0;
    const headers = findStepHeaders(piece).filter(
      (header) => !(isWithinLine && header.offset === piece.offset) && this.#known.isHeader(header, piece.attempt),
    );
    const parts: StepPiece[] = [];
    let from = 0;
    for (const header of headers) {
      const at = header.offset - piece.offset;
      if (at > from) parts.push(this.#of(process, slicePiece(piece, from, at)));
      this.#steps.set(process, header);
      from = at;
    }
    if (piece.data.length > from || piece.data.length === 0) parts.push(this.#of(process, slicePiece(piece, from)));
    if (piece.data.length > 0) this.#open[piece.data.at(-1) === 0x0a ? 'delete' : 'add'](process);
    return parts;
  }

  #of(process: string, piece: WrittenPiece): StepPiece {
    return { piece, step: this.#steps.get(process) ?? null };
  }
}

/** Returns where the last line begins, when it is not complete and may be a header; else the end. */
function beginOfOpenHeader(data: Buffer): number {
  const begin = data.lastIndexOf(0x0a) + 1;
  const line = data.subarray(begin).toString('latin1');
  const isOpenHeader =
    line !== '' &&
    line.length < MAX_HEADER_BYTES &&
    (line.length < HEADER_BEGIN.length ? HEADER_BEGIN.startsWith(line) : line.startsWith(HEADER_BEGIN));
  return isOpenHeader ? begin : data.length;
}
