import { parseHeader, parseVariable, type Header, type HeaderProblem } from './parse-header.ts';
import { parseRow, problemAt } from './parse-row.ts';
import { readLines, type Line } from './scan-line.ts';
import { StateTableError, type TableProblem } from './table-error.ts';
import { DEFAULT_TIMER, EMPTY_TRANSITION, type StateBlock, type StateTable, type Transition } from './table.ts';

const OUTSIDE_SYNTAX = '`state:method [timer] {` (method and timer optional), `name = value`, or a comment';

/** A block whose rows are being read. */
interface OpenBlock {
  /** Null when the header is wrong. Its rows are read all the same, so that the mistake is reported once. */
  readonly header: Header | null;
  readonly line: Line;
  readonly rows: Map<string, Transition>;
}

function titleOf({ header, line }: OpenBlock): string {
  return header ? `block of state "${header.name}"` : `block "${line.content.text}"`;
}

/** A line such as `} end` is a row, although a closing brace was meant; `} # end` closes the block. */
function hintOf({ rows }: OpenBlock): string {
  const row = rows.get('}');
  return row ? `: in line ${row.line} there is more behind it` : '';
}

/** Reads a table line by line. It continues after a mistake, so that one run reports them all. */
class TableReader {
  readonly problems: TableProblem[] = [];
  readonly blocks = new Map<string, StateBlock>();
  readonly variables = new Map<string, string>();
  private open: OpenBlock | null = null;

  readLine(line: Line): void {
    const { text } = line.content;
    if (text === '') return;
    if (text.includes('\0')) {
      const message = 'The line holds a NUL character';
      this.report(line, { code: 'control-character', message, expected: 'text' }, line.written.indexOf('\0'));
    } else if (this.open) {
      this.readInside(line, this.open);
    } else {
      this.readOutside(line);
    }
  }

  /** Called after the last line: reports a block that was never closed. */
  end(): void {
    if (this.open) {
      this.report(this.open.line, {
        code: 'unterminated-block',
        message: `The ${titleOf(this.open)} is never closed`,
        expected: `\`}\` alone on a line after it${hintOf(this.open)}`,
      });
      this.close(this.open);
    }
  }

  private readInside(line: Line, block: OpenBlock): void {
    if (line.content.text === '}') {
      this.close(block);
      return;
    }
    const header = parseHeader(line.content.text);
    if (header?.kind === 'header') {
      const message = `The ${titleOf(block)} from line ${block.line.number} is still open here`;
      const expected = `\`}\` alone on a line before the next block${hintOf(block)}`;
      this.report(line, { code: 'unterminated-block', message, expected });
      this.close(block);
      this.open = { header, line, rows: new Map() };
      return;
    }
    const row = parseRow(line, (problem) => this.problems.push(problem));
    if (row) this.addRow(line, block, row);
  }

  private addRow(line: Line, block: OpenBlock, row: Transition): void {
    const earlier = block.rows.get(row.value);
    if (!earlier) {
      block.rows.set(row.value, row);
      return;
    }
    const message = `The ${titleOf(block)} has a row for "${row.value}" in line ${earlier.line} and in line ${line.number}`;
    this.report(line, { code: 'duplicate-value', message, expected: 'one row for a value' });
  }

  private readOutside(line: Line): void {
    const header = parseHeader(line.content.text);
    const variable = header?.kind === 'header' ? null : parseVariable(line.content.text);
    if (header?.kind === 'header') {
      this.open = { header, line, rows: new Map() };
    } else if (variable) {
      this.variables.set(variable.name, variable.value);
    } else if (header) {
      this.reportHeader(line, header);
      this.open = { header: null, line, rows: new Map() };
    } else {
      const { text } = line.content;
      const message = text === '}' ? 'There is no open block for this `}` to close' : `"${text}" begins no block`;
      this.report(line, { code: 'unrecognized-input', message, expected: OUTSIDE_SYNTAX });
    }
  }

  private reportHeader(line: Line, { offset, message, expected }: HeaderProblem): void {
    this.report(line, { code: 'unrecognized-input', message, expected }, line.content.offset + offset);
  }

  private close(block: OpenBlock): void {
    this.open = null;
    if (!block.header) return;
    const { name, transitionMethod, timer } = block.header;
    const earlier = this.blocks.get(name);
    if (earlier) {
      const message = `State "${name}" has a block in line ${earlier.line} and in line ${block.line.number}`;
      this.report(block.line, { code: 'duplicate-state', message, expected: 'one block for a state' });
      return;
    }
    this.blocks.set(name, {
      name,
      transitionMethod: transitionMethod ?? EMPTY_TRANSITION,
      timer: timer ?? DEFAULT_TIMER,
      transitions: [...block.rows.values()],
      line: block.line.number,
      column: block.line.content.offset + 1,
    });
  }

  private report(
    line: Line,
    what: Pick<TableProblem, 'code' | 'message' | 'expected'>,
    offset: number = line.content.offset,
  ): void {
    this.problems.push(problemAt(line, offset, what));
  }
}

/** Parses the text of a state table. Throws StateTableError, and nothing else, with every mistake in it. */
export function parseStateTable(text: string): StateTable {
  const lines = readLines(text);
  if (text === '') {
    const message = 'The table is empty';
    throw new StateTableError([problemAt(lines[0]!, 0, { code: 'empty-table', message, expected: OUTSIDE_SYNTAX })]);
  }
  const reader = new TableReader();
  for (const line of lines) reader.readLine(line);
  reader.end();
  if (reader.problems.length > 0) {
    throw new StateTableError(reader.problems.toSorted((a, b) => a.line - b.line || a.column - b.column));
  }
  const states = [...reader.blocks.values()];
  return { startState: states[0]?.name ?? null, states, variables: Object.fromEntries(reader.variables) };
}
