import { parseStateTable } from '../../controlplane/statetable/parse-table.ts';
import { StateTableError, type TableProblem } from '../../controlplane/statetable/table-error.ts';
import { checkVectors, type Comparison, type Vector } from './vector-file.ts';

interface ParsedVector {
  readonly startState: string | null;
  readonly states: readonly {
    readonly name: string;
    readonly line: number;
    readonly transitionMethod: string;
    readonly timer: string;
    readonly transitions: readonly {
      readonly value: string;
      readonly state: string;
      readonly wait: number;
      readonly max: number;
      readonly exec: boolean;
      readonly line: number;
    }[];
  }[];
}

interface ParseVector extends Vector {
  readonly table: string;
  readonly expect:
    | { readonly outcome: 'accepted'; readonly parsed: ParsedVector }
    | { readonly outcome: 'error'; readonly kind: string; readonly line: number | null };
}

/** Maps their kinds of errors to ours. For some faults of a row they name the header, and we name the row. */
const OUR_CODES: Readonly<Record<string, readonly TableProblem['code'][]>> = {
  'empty-table': ['empty-table'],
  'unrecognized-input': ['unrecognized-input'],
  'unterminated-block-at-eof': ['unterminated-block'],
  'unterminated-block-at-line': ['unterminated-block', 'malformed-row'],
  'option-syntax': ['option-syntax'],
  'option-not-integer': ['option-not-integer'],
  'exec-not-boolean': ['exec-not-boolean'],
  'unknown-option': ['unknown-option'],
};

function parsedByUs(text: string): ParsedVector {
  const table = parseStateTable(text);
  return {
    startState: table.startState,
    states: table.states.map(({ name, line, transitionMethod, timer, transitions }) => ({
      name,
      line,
      transitionMethod,
      timer,
      transitions: transitions.map((row) => ({
        value: row.value,
        state: row.target,
        wait: row.waitSeconds,
        max: row.max,
        exec: row.exec,
        line: row.line,
      })),
    })),
  };
}

function parsedByThem(parsed: ParsedVector): ParsedVector {
  return {
    startState: parsed.startState,
    states: parsed.states.map((state) => ({
      ...state,
      transitions: state.transitions.map(({ value, state: target, wait, max, exec, line }) => ({
        value,
        state: target,
        wait,
        max,
        exec,
        line,
      })),
    })),
  };
}

/** Our parser reports every mistake of a table. The one at which the recorded engine stopped is among them. */
function errorsOf(problems: readonly TableProblem[], { expect }: ParseVector): unknown {
  if (expect.outcome === 'accepted') return { refused: problems.map(({ code }) => code) };
  const errors = problems.map((problem) => errorOf(problem, expect));
  return errors.find((error) => error.kind === expect.kind && error.line === expect.line) ?? errors[0];
}

/** Translates a problem into their terms, as far as the two can be compared. */
function errorOf(
  problem: TableProblem,
  expect: ParseVector['expect'] & { outcome: 'error' },
): { outcome: 'error'; kind: string; line: number | null } {
  const sameKind = OUR_CODES[expect.kind]?.includes(problem.code);
  const namesTheRow = expect.kind === 'unterminated-block-at-line' && problem.line > (expect.line ?? 0);
  return {
    outcome: 'error',
    kind: sameKind ? expect.kind : problem.code,
    line: namesTheRow || expect.line === null ? expect.line : problem.line,
  };
}

function compare(vector: ParseVector): Comparison {
  const { expect } = vector;
  const expected =
    expect.outcome === 'accepted'
      ? { outcome: 'accepted', parsed: parsedByThem(expect.parsed) }
      : { outcome: 'error', kind: expect.kind, line: expect.line };
  try {
    return { ours: { outcome: 'accepted', parsed: parsedByUs(vector.table) }, expected };
  } catch (error) {
    if (!(error instanceof StateTableError)) throw error;
    return { ours: errorsOf(error.problems, vector), expected };
  }
}

checkVectors('parse', compare);
