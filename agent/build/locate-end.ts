import type { BuildStep } from '../../shared/protocol/build-export.ts';
import { failedRedirection, type BashMessage } from './failed-redirection.ts';
import type { StepMark } from './step-marks.ts';
import { locateCommand, type CommandLocation, type StepScript } from './step-script.ts';

/** Whether a command that ran last is what ended the step: an `exit`, or the use of an unset variable where that ends it. */
function endsStep(words: string, { script }: BuildStep): boolean {
  if (/^exit\b/.test(words)) return true;
  return words.includes('$') && script.some((command) => /\bset\s+-\w*u|\bnounset\b/.test(command));
}

/** What is known of the end of a step. */
export interface StepTraces {
  readonly marks: readonly StepMark[];
  /** The last message of bash itself; null when there is none. */
  readonly message: BashMessage | null;
}

/** Finds the last message of bash in what a step wrote to stderr. */
export function lastMessage(stderr: string, scriptFile: string): BashMessage | null {
  const starts = stderr.split('\n').filter((line) => line.startsWith(`${scriptFile}: `));
  // "line" is in the language of the step.
  const [, line, text] = /^(?:eval: )?\S+ (\d+): (.*)/.exec(starts.at(-1)?.slice(scriptFile.length + 2) ?? '') ?? [];
  return line === undefined ? null : { scriptLine: Number(line), text: text ?? '' };
}

/**
 * Where a step ended, as exactly as its marks say it: the line that failed, else the line that called the function that
 * failed, else the only line of the last command that has the command which ended the step, else all lines of it.
 */
export function locateEnd(
  step: BuildStep,
  script: Pick<StepScript, 'locationOf' | 'linesOf' | 'confined'>,
  { marks, message }: StepTraces,
): CommandLocation | null {
  const failed = marks.findLast((mark) => mark.kind === 'failed');
  const exit = marks.findLast((mark) => mark.kind === 'exit');
  const current = marks.findLast((mark) => mark.kind === 'begin')?.indexes ?? [];
  const redirection = failed ? failedRedirection(failed, message, script.linesOf(current)) : null;
  for (const line of [redirection ?? failed?.scriptLine, exit?.callLine]) {
    const location = typeof line === 'number' ? script.locationOf(line) : null;
    // A line can be miscounted, as within an `eval` of the step. A command that did not begin last is not the one that failed.
    if (location && current.includes(location.commandIndex)) return location;
  }
  const index = current.at(-1);
  if (index === undefined) return null;
  const whole = locateCommand(step, index);
  const words = exit?.command.trim() ?? '';
  // Of any other command, and of one that cannot be parsed to its end, what ran last need not be what failed: it may have
  // stood in a function, or before a redirection that failed.
  const isCause = redirection === null && endsStep(words, step) && !script.confined.has(index);
  return (isCause && onlyLineWith(words, whole)) || whole;
}

/** bash says a command with single blanks. */
function onlyLineWith(words: string, whole: CommandLocation): CommandLocation | null {
  const texts = whole.text.replace(/\n+$/, '').split('\n');
  if (texts.length !== whole.lastLine - whole.line + 1) return null;
  const found = texts.flatMap((text, at) => (text.replace(/\s+/g, ' ').includes(words) ? [at] : []));
  if (found.length !== 1) return null;
  const line = whole.line + found[0]!;
  return { ...whole, line, lastLine: line, text: texts[found[0]!]! };
}
