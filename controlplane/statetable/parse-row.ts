import { wordsOf, type Line, type LinePiece } from './scan-line.ts';
import type { TableProblem, TableProblemCode } from './table-error.ts';
import type { Transition } from './table.ts';

/**
 * The upper bound of PostgreSQL's integer and of a signed 32-bit timer. 2^31 itself occurs in tables in use, so it is
 * accepted.
 */
const LARGEST_NUMBER = 2 ** 31;
const WHOLE_NUMBER = /^(0|[1-9][0-9]*)$/;
const ROW_SYNTAX = '`value target`, then any of wait=SECONDS, max=TIMES, exec=true or exec=false';

export type Report = (problem: TableProblem) => void;

export function problemAt(
  line: Line,
  offset: number,
  what: { code: TableProblemCode; message: string; expected: string },
): TableProblem {
  return { ...what, line: line.number, column: offset + 1, text: line.written };
}

interface Option {
  readonly name: string;
  readonly value: string;
  readonly at: LinePiece;
}

interface Options {
  waitSeconds: number;
  max: number;
  exec: boolean;
}

/** Splits the words after the target into `name=value`. Blanks may precede `=`, not follow it. */
function splitOptions(line: Line, words: readonly LinePiece[], report: Report): Option[] {
  const options: Option[] = [];
  for (let index = 0; index < words.length; index += 1) {
    let at = words[index]!;
    const next = words[index + 1];
    if (!at.text.includes('=') && next?.text.startsWith('=')) {
      at = { text: at.text + next.text, offset: at.offset };
      index += 1;
    }
    const equals = at.text.indexOf('=');
    const blankAfter = equals === at.text.length - 1 ? words[index + 1] : undefined;
    if (equals > 0 && blankAfter && !blankAfter.text.includes('=')) {
      index += 1;
      const message = `There is a blank after "${at.text}"`;
      const expected = `\`${at.text}${blankAfter.text}\` without it`;
      report(problemAt(line, at.offset, { code: 'option-syntax', message, expected }));
    } else if (equals < 1 || equals === at.text.length - 1) {
      const message = `"${at.text}" is not an option`;
      report(problemAt(line, at.offset, { code: 'option-syntax', message, expected: ROW_SYNTAX }));
    } else {
      options.push({ name: at.text.slice(0, equals), value: at.text.slice(equals + 1), at });
    }
  }
  return options;
}

function readNumber(option: Option, line: Line, report: Report): number {
  if (WHOLE_NUMBER.test(option.value) && Number(option.value) <= LARGEST_NUMBER) return Number(option.value);
  const message = `${option.name} cannot be "${option.value}"`;
  const expected = `a whole number from 0 to ${LARGEST_NUMBER} directly after \`${option.name}=\``;
  report(problemAt(line, option.at.offset, { code: 'option-not-integer', message, expected }));
  return 0;
}

/** Reads the options of a row. Of two with one name the last counts, as in tables in use. */
function readOption(options: Options, option: Option, line: Line, report: Report): void {
  switch (option.name) {
    case 'wait':
      options.waitSeconds = readNumber(option, line, report);
      break;
    case 'max':
      options.max = readNumber(option, line, report);
      break;
    case 'exec':
      if (option.value !== 'true' && option.value !== 'false') {
        const message = `exec cannot be "${option.value}"`;
        const expected = '`exec=true` or `exec=false`';
        report(problemAt(line, option.at.offset, { code: 'exec-not-boolean', message, expected }));
      }
      options.exec = option.value !== 'false';
      break;
    default:
      report(
        problemAt(line, option.at.offset, {
          code: 'unknown-option',
          message: `There is no option "${option.name}"`,
          expected: ROW_SYNTAX,
        }),
      );
  }
}

/** Parses one row of a block; null after reporting a mistake. */
export function parseRow(line: Line, report: Report): Transition | null {
  const [value, target, ...rest] = wordsOf(line);
  if (!value || !target) {
    const message = `"${line.content.text}" is not a row`;
    const expected = `${ROW_SYNTAX}; or \`}\` alone to end the block`;
    report(problemAt(line, line.content.offset, { code: 'malformed-row', message, expected }));
    return null;
  }
  if (/[{}]/.test(target.text)) {
    const message = `"${target.text}" cannot be the name of a state`;
    const expected = 'a target without braces';
    report(problemAt(line, target.offset, { code: 'target-syntax', message, expected }));
    return null;
  }
  const options: Options = { waitSeconds: 0, max: 0, exec: true };
  for (const option of splitOptions(line, rest, report)) readOption(options, option, line, report);
  return { value: value.text, target: target.text, ...options, line: line.number, column: value.offset + 1 };
}
