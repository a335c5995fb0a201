import type { BuildStep } from '../../../shared/protocol/build-export.ts';
import type { ScriptLine } from './failed-redirection.ts';
import { markBefore, markFormOf, markPrologue, ownTextOf, type MarkTarget } from './mark-form.ts';

/** Where in a step: a command, and the lines of the build file that are meant. */
export interface CommandLocation {
  readonly commandIndex: number;
  readonly line: number;
  /** Differs from `line` where the exact line is not known. */
  readonly lastLine: number;
  /** The text of the line; of the whole command where the exact line is not known. */
  readonly text: string;
}

export interface StepScript {
  readonly text: string;
  /** Whether the lines of the script are those of the build file, so that the messages of bash name them. */
  readonly isAligned: boolean;
  /** Commands that are not complete by themselves: each is an `eval`. */
  readonly confined: ReadonlySet<number>;
  /** What stands in a line of the script. */
  locationOf(scriptLine: number): CommandLocation | null;
  /** The lines in which these commands stand. */
  linesOf(commandIndexes: readonly number[]): ScriptLine[];
  /** The text of the tool's own in the script, as `set -v` shows it. */
  readonly ownText: RegExp;
}

/**
 * The bash script of one step: the commands as they stand, one below the other, each with a mark before it on its first
 * line. The marks open the pipe by its path and hold no descriptor, so that `exec 10>log` and `exec >log` change
 * nothing. They keep `$?` and `$_`, and `set -x` does not show them. `confined` are commands that are not complete by
 * themselves: each is an `eval`, so that an open quote takes nothing of the next one.
 */
export function stepScript(
  step: BuildStep,
  commands: readonly string[],
  target: MarkTarget,
  confined: ReadonlySet<number>,
): StepScript {
  const form = markFormOf(commands);
  const lines: string[] = [markPrologue(target, form)];
  const locations: (CommandLocation | null)[] = [null];
  let isAligned = true;
  commands.forEach((command, commandIndex) => {
    const texts = command.split('\n');
    const wholes = linesOfCommand(step, commandIndex, texts.length);
    const wanted = wholes[0]!.line - 1;
    if (wanted < lines.length) isAligned = false;
    while (lines.length < wanted) {
      lines.push('');
      locations.push(null);
    }
    if (wholes.some(({ line, lastLine }, at) => line !== lastLine || line !== lines.length + at + 1)) isAligned = false;
    const body = confined.has(commandIndex) ? confine(texts) : texts;
    lines.push(`${markBefore(commands, commandIndex, form)}${body[0]!}`, ...body.slice(1));
    texts.forEach((text, at) => locations.push({ commandIndex, ...wholes[at]!, text }));
  });
  const text = `${lines.join('\n')}\n`;
  return {
    text,
    isAligned,
    confined,
    locationOf: (scriptLine) => locations[scriptLine - 1] ?? null,
    linesOf: (indexes) =>
      locations.flatMap((location, at) =>
        location && indexes.includes(location.commandIndex) ? [{ scriptLine: at + 1, text: location.text }] : [],
      ),
    ownText: ownTextOf(lines[0]!, form),
  };
}

/**
 * bash counts the lines of an `eval` from the line in which its argument ends. So the argument takes one line, and empty ones
 * follow in the place of the others: then the line of each part is what it would be without the `eval`.
 */
function confine(texts: readonly string[]): string[] {
  const escaped = texts.map((text) => text.replace(/[\\']/g, '\\$&')).join('\\n');
  // A function or an alias of this name would take the command away.
  return [`\\builtin eval $'${escaped}'`, ...texts.slice(1).map(() => '')];
}

/** A command as one below which another can stand: a backslash at its end would join the two. */
export function standingCommand(command: string): string {
  const text = command.replace(/\n+$/, '');
  return /(?<!\\)(?:\\\\)*\\$/.test(text) ? text.slice(0, -1) : text;
}

/** The whole of a command, where nothing finer is known. */
export function locateCommand(step: BuildStep, commandIndex: number): CommandLocation {
  const line = step.scriptLines[commandIndex] ?? step.line;
  const lastLine = Math.max(line, step.scriptLastLines?.[commandIndex] ?? line);
  return { commandIndex, line, lastLine, text: step.script[commandIndex] ?? '' };
}

/** For each line of a command the line of the build file; all of its lines where YAML has joined or broken them. */
function linesOfCommand(step: BuildStep, commandIndex: number, count: number): { line: number; lastLine: number }[] {
  const { line, lastLine } = locateCommand(step, commandIndex);
  const isLineByLine = lastLine - line + 1 === count;
  return Array.from({ length: count }, (_, at) =>
    isLineByLine ? { line: line + at, lastLine: line + at } : { line, lastLine },
  );
}

/** `$ npm test`, with the following lines of a longer command set below. */
export function shownCommand(command: string): string {
  return `$ ${command.trimEnd().replace(/\n/g, '\n  ')}\n`;
}
