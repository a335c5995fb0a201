import type { CliContext } from '../cli-context.ts';
import { fitColumns, type Column } from './fit-columns.ts';
import { alignColumns, paintFor } from './text.ts';

/** Prints a table that fits the terminal; in a pipe all columns, whole. */
export function writeTable<Row>(
  context: Pick<CliContext, 'out' | 'environment'>,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
): void {
  const { out } = context;
  if (out.columns === undefined) {
    const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
    return out.write(alignColumns([columns.map(({ head }) => head), ...cells], undefined));
  }
  const paint = paintFor(out, context.environment);
  const { head, lines } = fitColumns(rows, columns, { width: out.columns, paint });
  out.write(`${[paint('bold', head), ...lines].join('\n')}\n`);
}
