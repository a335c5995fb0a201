import { cutTo, padTo, widthOf } from './text-width.ts';
import type { Paint, Style } from './text.ts';

/** A column of a table on a terminal. */
export interface Column<Row> {
  readonly head: string;
  /** Returns one line of text; `-` and an empty text count as no information. */
  readonly cell: (row: Row) => string;
  /** Columns of a lower importance are left out first when the terminal is too narrow; 0 is the lowest. */
  readonly importance: number;
  /** The column may be cut down to this width; absent: it is never cut. */
  readonly leastWidth?: number;
  readonly style?: (row: Row) => Style | undefined;
}

const GAP = 2;

/**
 * Returns the head and one line for each row, none wider than `width`. Columns without information and the least important
 * columns are left out; long cells are cut.
 */
export function fitColumns<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { width, paint }: { readonly width: number; readonly paint: Paint },
): { readonly head: string; readonly lines: readonly string[] } {
  const texts = new Map(columns.map((column) => [column, rows.map(column.cell)]));
  const telling = columns.filter((column) => texts.get(column)?.some((text) => text !== '' && text !== '-'));
  const natural = new Map(
    telling.map((column) => [column, Math.max(widthOf(column.head), ...(texts.get(column) ?? []).map(widthOf))]),
  );
  const least = (column: Column<Row>): number => Math.min(natural.get(column) ?? 0, column.leastWidth ?? Infinity);
  const kept = dropUntilFits(telling, least, width);
  const widths = shrink(kept, natural, least, width);
  const last = kept.length - 1;
  const lineOf = (cells: readonly string[], styleOf: (index: number) => Style | undefined): string =>
    cells
      .map((cell, index) => {
        const cut = cutTo(cell, widths[index] ?? 0);
        const style = styleOf(index);
        const padded = index === last ? cut : padTo(cut, widths[index] ?? 0);
        return style ? paint(style, padded) : padded;
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  return {
    head: lineOf(
      kept.map(({ head }) => head),
      () => undefined,
    ),
    lines: rows.map((row, number) =>
      lineOf(
        kept.map((column) => texts.get(column)?.[number] ?? ''),
        (index) => kept[index]?.style?.(row),
      ),
    ),
  };
}

function dropUntilFits<Row>(
  columns: readonly Column<Row>[],
  least: (column: Column<Row>) => number,
  width: number,
): readonly Column<Row>[] {
  let kept = columns;
  while (kept.length > 1 && sumOf(kept.map(least)) + GAP * (kept.length - 1) > width) {
    const lowest = Math.min(...kept.map(({ importance }) => importance));
    const dropped = kept.findLast(({ importance }) => importance === lowest);
    kept = kept.filter((column) => column !== dropped);
  }
  return kept;
}

/** Takes the missing cells from the column that is the widest at the time. */
function shrink<Row>(
  columns: readonly Column<Row>[],
  natural: ReadonlyMap<Column<Row>, number>,
  least: (column: Column<Row>) => number,
  width: number,
): number[] {
  const widths = columns.map((column) => natural.get(column) ?? 0);
  let excess = sumOf(widths) + GAP * (columns.length - 1) - width;
  for (; excess > 0; excess -= 1) {
    const shrinkable = columns.flatMap((column, index) => ((widths[index] ?? 0) > least(column) ? [index] : []));
    const widest = shrinkable.reduce<number | undefined>(
      (best, index) => (best === undefined || (widths[index] ?? 0) > (widths[best] ?? 0) ? index : best),
      undefined,
    );
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  // Only one column is left, and it is never cut otherwise: here it is cut after all.
  return columns.length === 1 ? widths.map((one) => Math.min(one, width)) : widths;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}
