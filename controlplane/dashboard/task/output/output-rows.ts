import type { OutputSection, OutputLines } from './output-lines.ts';

export type OutputRow =
  | { readonly kind: 'head'; readonly section: OutputSection }
  | {
      readonly kind: 'line';
      readonly line: number;
      /** The part of the line that this row shows when long lines are wrapped, in characters; absent: all of it. */
      readonly part?: { readonly from: number; readonly to: number };
    };

/** A stretch of rows: the lines of a step, with the row of its head before them. */
interface Stretch {
  readonly section: OutputSection | null;
  readonly firstRow: number;
  readonly from: number;
  /** Equal to `from` when the step is folded. */
  readonly to: number;
}

/** Which row shows what, without a list of all rows: there may be a million. */
export interface OutputRows {
  readonly count: number;
  rowAt(index: number): OutputRow | undefined;
  /** The row of a line; that of the head of its step while the step is folded. */
  rowOf(line: number): number;
}

export function rowsOf(store: OutputLines, isFolded: (section: OutputSection) => boolean): OutputRows {
  const stretches: Stretch[] = [];
  let row = 0;
  const add = (section: OutputSection | null, from: number, to: number): void => {
    stretches.push({ section, firstRow: row, from, to });
    row += to - from + (section ? 1 : 0);
  };
  const first = store.sections[0]?.from ?? store.count;
  if (first > 0) add(null, 0, first);
  for (const section of store.sections) {
    const { from, to } = store.linesOf(section);
    add(section, from, isFolded(section) ? from : to);
  }
  return {
    count: row,
    rowAt: (index) => {
      const stretch = stretches.findLast(({ firstRow }) => firstRow <= index);
      if (!stretch || index >= row) return undefined;
      if (stretch.section && index === stretch.firstRow) return { kind: 'head', section: stretch.section };
      return { kind: 'line', line: stretch.from + index - stretch.firstRow - (stretch.section ? 1 : 0) };
    },
    rowOf: (line) => {
      const stretch = stretches.findLast(({ from }) => from <= line);
      if (!stretch) return 0;
      if (line >= stretch.to) return stretch.firstRow;
      return stretch.firstRow + line - stretch.from + (stretch.section ? 1 : 0);
    },
  };
}

/** The rows of the lines of stderr alone, without steps. */
export function stderrRows(store: OutputLines): OutputRows {
  const lines: number[] = [];
  for (let line = 0; line < store.count; line += 1) if (store.kinds[line] === 'stderr') lines.push(line);
  return {
    count: lines.length,
    rowAt: (index) => (lines[index] === undefined ? undefined : { kind: 'line', line: lines[index] }),
    rowOf: (line) =>
      Math.max(
        0,
        lines.findLastIndex((one) => one <= line),
      ),
  };
}

/** `#L14`, `#L14-L20`: numbers from 1, as people see them; the indexes are from 0. */
export function parseLineHash(hash: string): { readonly from: number; readonly to: number } | null {
  const [, first, last] = /^#L(\d{1,9})(?:-L(\d{1,9}))?$/.exec(hash) ?? [];
  if (first === undefined || Number(first) < 1) return null;
  const from = Number(first) - 1;
  return { from, to: Math.max(from, Number(last ?? first) - 1) };
}

/** The lines that hold a text, in whatever case. Codes of colours are not searched. */
export function* searchLines(store: OutputLines, wanted: string): Generator<number, void> {
  const text = wanted.toLowerCase();
  for (let line = 0; line < store.count; line += 1) {
    if (
      store.kinds[line] !== 'gap' &&
      plainText(store.texts[line] ?? '')
        .toLowerCase()
        .includes(text)
    )
      yield line;
    else if (line % 20_000 === 0) yield -1; // a place to pause
  }
}

// CSI and OSC sequences (ECMA-48, 5.4).
const SEQUENCES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

export function plainText(text: string): string {
  return text.includes('\u001b') ? text.replace(SEQUENCES, '') : text;
}

/** What a terminal would show of a line in which progress bars were overwritten: what follows the last return. */
export function lastOverwrite(text: string): string {
  const end = text.endsWith('\r') ? text.slice(0, -1) : text;
  return end.slice(end.lastIndexOf('\r') + 1);
}
