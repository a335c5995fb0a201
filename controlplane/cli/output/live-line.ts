import type { Sink } from '../cli-context.ts';
import { cutTo } from './text-width.ts';
import type { Paint } from './text.ts';

// Carriage return, then erase to the end of the line (ECMA-48, EL).
const ERASE = '\r\u001b[K';

/** One line at the bottom of a terminal that is drawn again and again. Everything else is written after `clear`. */
export class LiveLine {
  readonly #out: Sink;
  readonly #paint: Paint;
  #shown = '';

  constructor(out: Sink, paint: Paint) {
    this.#out = out;
    this.#paint = paint;
  }

  draw(text: string): void {
    // One column stays free: a line of the full width would wrap, and only its last row would be erased.
    const width = (this.#out.columns ?? 80) - 1;
    const cut = cutTo(text, width);
    if (cut === this.#shown) return;
    this.#out.write(`${this.#shown === '' ? '' : ERASE}${this.#paint('dim', cut)}`);
    this.#shown = cut;
  }

  clear(): void {
    if (this.#shown !== '') this.#out.write(ERASE);
    this.#shown = '';
  }
}
