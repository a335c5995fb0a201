import type { BuildStep } from '../../../shared/protocol/build-export.ts';
import {
  failedRedirection,
  logicalLine,
  occurrencesOf,
  type BashMessage,
  type ScriptLine,
} from './failed-redirection.ts';
import type { FailedMark, StepMark } from './step-marks.ts';
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
  /** The messages of its parser about the text of an `eval` that stand at the end, the first of them first. */
  readonly parserMessages: readonly BashMessage[];
}

/** Finds the messages of bash in what a step wrote to stderr. */
export function messagesOfBash(stderr: string, scriptFile: string): Omit<StepTraces, 'marks'> {
  const starts = stderr.split('\n').filter((line) => line.startsWith(`${scriptFile}: `));
  const found = starts.map((line) => parseMessage(line.slice(scriptFile.length + 2)));
  const first = found.findLastIndex((message) => !message?.isOfEval) + 1;
  return { message: found.at(-1) ?? null, parserMessages: found.slice(first).filter((message) => message !== null) };
}

function parseMessage(said: string): (BashMessage & { readonly isOfEval: boolean }) | null {
  // "line" is in the language of the step.
  const [, ofEval, line, text = ''] = /^(eval: )?\S+ (\d+): (.*)/.exec(said) ?? [];
  return line === undefined ? null : { scriptLine: Number(line), text, isOfEval: ofEval !== undefined };
}

/**
 * The line at which bash could not read on in a command that is not complete by itself. Null where the step ended by something
 * else, where an `eval` of the command's own may be meant, or where bash has read to the end and says no line of the command.
 */
export function locateSyntaxError(
  script: Pick<StepScript, 'locationOf' | 'linesOf' | 'confined'>,
  { marks, parserMessages }: StepTraces,
): CommandLocation | null {
  const index = marks.findLast((mark) => mark.kind === 'begin')?.indexes.at(-1);
  if (index === undefined || !script.confined.has(index) || marks.some((mark) => mark.kind === 'failed')) return null;
  const lines = script.linesOf([index]);
  if (lines.some(({ text }) => /\beval\b/.test(text))) return null;
  // A bash before 5.2 first says where a quote was opened, then where its search for the end of it ended.
  const told = parserMessages.find(({ scriptLine }) => lines.some((line) => line.scriptLine === scriptLine));
  return told === undefined ? null : script.locationOf(told.scriptLine);
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
  const lines = script.linesOf(current);
  const redirection = failed ? failedRedirection(failed, message, lines) : null;
  const words = exit?.command.trim() ?? '';
  const aborted =
    failed === undefined && message !== null && lineHas(lines, message.scriptLine, words) ? message : null;
  const candidates = [
    redirection ?? (failed && (lineOfEval(failed, lines) ?? failed.scriptLine)),
    exit?.callLine,
    // A fatal error in the expansion of a command (`${x:?}`, failglob, a readonly variable) sets off no trap for ERR.
    aborted?.scriptLine,
  ];
  for (const line of candidates) {
    const location = typeof line === 'number' ? script.locationOf(line) : null;
    // A command that did not begin last is not the one that failed.
    if (location && current.includes(location.commandIndex)) return location;
  }
  const index = current.at(-1);
  if (index === undefined) return null;
  const whole = locateCommand(step, index);
  // Of any other command, and of one that cannot be parsed to its end, what ran last need not be what failed: it may have
  // stood in a function, or before a redirection that failed.
  if (redirection !== null || script.confined.has(index)) return whole;
  const only = onlyLineWith(words, whole);
  const isLast =
    failed === undefined && exit !== undefined && index === step.script.length - 1 && isLastLine(only, whole);
  return ((endsStep(words, step) || isLast) && only) || whole;
}

/**
 * bash counts the lines of an `eval` from the line in which its argument ends, and so tells a line below it, which does not have
 * the command. Returns the line of the only `eval` above it then.
 */
function lineOfEval({ scriptLine, command }: FailedMark, lines: readonly ScriptLine[]): number | 'unknown' | null {
  const evals = lines.filter(
    (line) => /(?<![\w$./-])eval\s/.test(line.text) && line.scriptLine < (scriptLine ?? Infinity),
  );
  const first = command.split(/\s/, 1)[0]!;
  // A command of several lines, or one that has no words of its own, is told by its last line.
  if (evals.length === 0 || command.includes('\n') || /^[([]/.test(first)) return null;
  const at = lines.findIndex((line) => line.scriptLine === scriptLine);
  const told = at < 0 ? '' : logicalLine(lines, at);
  if (told.includes(first) || /\beval\b/.test(told)) return null;
  return evals.length === 1 ? evals[0]!.scriptLine : 'unknown';
}

function lineHas(lines: readonly ScriptLine[], scriptLine: number, words: string): boolean {
  const text = lines.find((line) => line.scriptLine === scriptLine)?.text;
  return text !== undefined && occurrencesOf(words, text).length > 0;
}

/** A step that runs to its end has the status of its last command, also where `set -e` ignores it. */
function isLastLine(only: CommandLocation | null, whole: CommandLocation): boolean {
  return only !== null && only.line === whole.lastLine;
}

function onlyLineWith(words: string, whole: CommandLocation): CommandLocation | null {
  const texts = whole.text.replace(/\n+$/, '').split('\n');
  if (texts.length !== whole.lastLine - whole.line + 1) return null;
  const found = texts.flatMap((text, at) => (occurrencesOf(words, text).length > 0 ? [at] : []));
  if (found.length !== 1) return null;
  const line = whole.line + found[0]!;
  return { ...whole, line, lastLine: line, text: texts[found[0]!]! };
}
