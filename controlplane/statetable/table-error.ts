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

/** One mistake in a state table, with its position. */
export interface TableProblem {
  readonly code: TableProblemCode;
  /** Line and column, 1-based as editors count them. The column counts UTF-16 units. */
  readonly line: number;
  readonly column: number;
  /** The text of the line as it was written. */
  readonly text: string;
  /** The mistake: a sentence without its full stop. */
  readonly message: string;
  /** The right form: a sentence without its full stop. */
  readonly expected: string;
}

/** Replaces each control character by one visible sign, so that none acts on a terminal or moves the caret below. */
function visible(text: string): string {
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, '�');
}

// Excerpts are read in terminals; 100 columns beside the line number still fit.
const EXCERPT_WIDTH = 100;

/** Prints the line with a caret under the column. A long line is cut to a window around it. */
function excerptOf(problem: TableProblem): string {
  const start = problem.column > EXCERPT_WIDTH ? problem.column - 1 - EXCERPT_WIDTH / 2 : 0;
  const text = visible(problem.text.slice(start, start + EXCERPT_WIDTH).trimEnd());
  // Tabs stay tabs, so that the caret is under its character for every tab width.
  const indent = problem.text.slice(start, problem.column - 1).replace(/[^\t]/g, ' ');
  return `${text}\n${indent}^`;
}

/** Prints `line 3, column 5: …` with the excerpt and the right form, for a terminal. */
export function formatProblem(problem: TableProblem): string {
  const location = `line ${problem.line}, column ${problem.column}`;
  return `${location}: ${visible(problem.message)} [${problem.code}]\n${excerptOf(problem)}\nExpected: ${visible(problem.expected)}`;
}

/** Thrown by `parseStateTable` only. `problems` holds every mistake of the table, in line order. */
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
