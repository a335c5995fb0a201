import { lastOverwrite, plainText, type OutputRows } from './output-rows.ts';
import type { OutputLines } from './output-lines.ts';

const TAB = 8;

/** What stands on the screen of a line, with spaces for its tabs: a row is as wide as it has characters. */
export function shownText(text: string): string {
  const plain = plainText(lastOverwrite(text));
  return plain.includes('\t') ? expandTabs(plain, 0) : plain;
}

function expandTabs(text: string, column: number): string {
  let shown = '';
  for (const char of text) shown += char === '\t' ? ' '.repeat(TAB - ((column + shown.length) % TAB)) : char;
  return shown;
}

/** How many rows each line takes, kept while output comes: a line is measured again only when it has grown. */
export class LineHeights {
  readonly #columns: number;
  readonly #lengths: number[] = [];
  readonly #heights: number[] = [];

  constructor(columns: number) {
    this.#columns = columns;
  }

  of(store: OutputLines, line: number): number {
    const text = store.texts[line] ?? '';
    if (this.#lengths[line] === text.length) return this.#heights[line] ?? 1;
    // Most lines are shorter than a row even with their colour codes.
    const length = text.length <= this.#columns && !text.includes('\t') ? text.length : shownText(text).length;
    const height = store.kinds[line] === 'gap' ? 1 : Math.max(1, Math.ceil(length / this.#columns));
    this.#lengths[line] = text.length;
    this.#heights[line] = height;
    return height;
  }
}

/** Rows of at most so many characters, in place of rows of whole lines. */
export function wrapRows(rows: OutputRows, store: OutputLines, columns: number, heights: LineHeights): OutputRows {
  // Row of the first part of each row that is wrapped; and the end. A million lines are four megabytes.
  const starts = new Uint32Array(rows.count + 1);
  for (let index = 0; index < rows.count; index += 1) {
    const row = rows.rowAt(index);
    const height = row?.kind === 'line' ? heights.of(store, row.line) : 1;
    starts[index + 1] = (starts[index] ?? 0) + height;
  }
  const count = starts[rows.count] ?? 0;
  return {
    count,
    rowAt: (index) => {
      if (index < 0 || index >= count) return undefined;
      const at = indexBefore(starts, index);
      const row = rows.rowAt(at);
      if (row?.kind !== 'line') return row;
      const from = (index - (starts[at] ?? 0)) * columns;
      return { ...row, part: { from, to: from + columns } };
    },
    rowOf: (line) => starts[rows.rowOf(line)] ?? 0,
  };
}

/** The last index whose start is not after a row. */
function indexBefore(starts: Uint32Array, row: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] ?? 0) <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The characters of styled parts from one to before another. */
export function sliceParts<T extends { readonly text: string }>(parts: readonly T[], from: number, to: number): T[] {
  let at = 0;
  return parts
    .map((part) => {
      const text = expandTabs(part.text, at);
      const start = at;
      at += text.length;
      return { ...part, text: text.slice(Math.max(0, from - start), Math.max(0, to - start)) };
    })
    .filter(({ text }) => text !== '');
}
