import { StepCutter } from '../logs/cut-steps.ts';
import type { WrittenPiece } from './written-piece.ts';
import { PlainText } from './plain-text.ts';

const KEPT_LINES = 20;
const KEPT_CHARACTERS = 8 * 1024;

interface Tail {
  readonly plain: PlainText;
  text: string;
}

/**
 * Remembers the last lines of each of the last steps of a build. At the end of the build the lines of the failed step may have
 * scrolled off the screen.
 */
export class StepTails {
  readonly #cutter = new StepCutter({ isHeader: () => true, stepAt: () => undefined });
  /** By event and number, the newest last. */
  readonly #tails = new Map<string, Tail>();
  #attempt = 0;

  add(piece: WrittenPiece): void {
    if (piece.attempt !== this.#attempt) this.#tails.clear();
    this.#attempt = piece.attempt;
    for (const part of this.#cutter.cut(piece)) {
      if (!part.step) continue;
      const key = keyOf(part.step);
      const tail = this.#tails.get(key) ?? this.#begin(key);
      tail.text = `${tail.text}${tail.plain.push(part.piece.data)}`.slice(-KEPT_CHARACTERS);
    }
  }

  /** Returns the last lines of a step; null for the last step, whose lines are still on the screen. */
  hiddenTailOf(step: { readonly event: string; readonly number: number }): string | null {
    const key = keyOf(step);
    const tail = this.#tails.get(key);
    if (!tail || [...this.#tails.keys()].at(-1) === key) return null;
    return tail.text.trimEnd().split('\n').slice(-KEPT_LINES).join('\n');
  }

  #begin(key: string): Tail {
    const tail = { plain: new PlainText(), text: '' };
    this.#tails.set(key, tail);
    const [oldest] = this.#tails.keys();
    if (this.#tails.size > KEPT_LINES && oldest !== undefined) this.#tails.delete(oldest);
    return tail;
  }
}

function keyOf({ event, number }: { readonly event: string; readonly number: number }): string {
  return `${event}:${number}`;
}
