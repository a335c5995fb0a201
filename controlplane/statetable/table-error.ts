import { OperationalError } from '../../shared/model/error.ts';

export type TableProblemCode =
  | 'empty-table'
  | 'unrecognized-input'
  | 'unterminated-block'
  | 'malformed-row'
  | 'target-syntax'
  | 'option-syntax'
  | 'option-not-integer'
  | 'exec-not-boolean'
  | 'unknown-option'
  | 'control-character'
  | 'duplicate-state'
  | 'duplicate-value';

/** One mistake in a state table, with everything needed to point at it. */
export interface TableProblem {
  readonly code: TableProblemCode;
  /** 1-based, as editors count; the column counts UTF-16 units. */
  readonly line: number;
  readonly column: number;
  /** The line as it was written. */
  readonly text: string;
  /** What is wrong, a sentence without its full stop. */
  readonly message: string;
  /** What would be right, a sentence without its full stop. */
  readonly expected: string;
}

/** Control characters must neither act on a terminal nor move what stands behind them: one sign for each. */
function visible(text: string): string {
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, '�');
}

// An excerpt is read in a terminal: 100 columns still fit beside the line number.
const EXCERPT_WIDTH = 100;

/** The line with a caret under the column, cut to a window when the line is very long. */
export function excerptOf(problem: TableProblem): string {
  const start = problem.column > EXCERPT_WIDTH ? problem.column - 1 - EXCERPT_WIDTH / 2 : 0;
  const text = visible(problem.text.slice(start, start + EXCERPT_WIDTH).trimEnd());
  // Tabs are kept, so that the caret stands under its character whatever the width of a tab is.
  const indent = problem.text.slice(start, problem.column - 1).replace(/[^\t]/g, ' ');
  return `${text}\n${indent}^`;
}

/** `line 3, column 5: …` with excerpt and what was expected, for a terminal. */
export function formatProblem(problem: TableProblem): string {
  const place = `line ${problem.line}, column ${problem.column}`;
  return `${place}: ${visible(problem.message)} [${problem.code}]\n${excerptOf(problem)}\nExpected: ${visible(problem.expected)}`;
}

/** Thrown by `parseStateTable` only; `problems` has every mistake of the table, in the order of its lines. */
export class StateTableError extends OperationalError {
  override readonly name = 'StateTableError';
  readonly problems: readonly TableProblem[];

  constructor(problems: readonly TableProblem[]) {
    const [first] = problems;
    if (!first) throw new Error('a StateTableError needs a problem');
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
    super('TABLE_SYNTAX', {
      happened: `The state table cannot be read: line ${first.line}, column ${first.column}: ${first.message}${more}`,
      remedy: `Expected: ${first.expected}`,
    });
    this.problems = problems;
  }
}
