import type { BuildStep } from '../../shared/protocol/build-export.ts';
import { shellQuote } from '../../shared/support/shell-quote.ts';
import type { ScriptLine } from './failed-redirection.ts';
import { MAX_COMMAND_CHARACTERS } from './step-marks.ts';

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
}

export interface MarkTarget {
  /** A path that leads to the pipe of the step's stdout, whatever a command does with its own descriptors. */
  readonly path: string;
  readonly key: string;
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
  // Whoever sets such a trap counts or shows commands. Other steps do not pay for the processes.
  const form = commands.some((command) => /\bDEBUG\b/.test(command)) ? IN_SUBSHELLS : IN_PLACE;
  const lines: string[] = [prologue(target, form)];
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
  };
}

/**
 * bash counts the lines of an `eval` from the line in which its argument ends. So the argument takes one line, and empty ones
 * follow in the place of the others: then the line of each part is what it would be without the `eval`.
 */
function confine(texts: readonly string[]): string[] {
  const escaped = texts.map((text) => text.replace(/[\\']/g, '\\$&')).join('\\n');
  return [`eval $'${escaped}'`, ...texts.slice(1).map(() => '')];
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

/** How the shell calls the functions that write the marks. */
interface MarkForm {
  /** How many subshells deep they run where the step's own shell calls them. */
  readonly depth: number;
  begin(indexes: string): string;
  /** In a trap. The last argument is the command that ran last. */
  inTrap(call: string): string;
}

const IN_PLACE: MarkForm = {
  depth: 0,
  // The second group is there for a step that can open nothing any more (`set -r`, `ulimit -n 3`): as the left side of `&&`
  // the first one fails no step.
  begin: (indexes) => `{ __wip_begin '${indexes}' "$_" && : "$_"; } 2>/dev/null && { : "$_"; } 2>/dev/null; `,
  inTrap: (call) => `{ ${call} "$BASH_COMMAND"; } 2>/dev/null || :`,
};

/**
 * A trap for DEBUG is not called in a subshell, nor for the definition of a function, which stands where a command that does
 * nothing is needed. In a subshell BASH_COMMAND is the mark itself, but the word behind `<<<` is read before that.
 */
const IN_SUBSHELLS: MarkForm = {
  depth: 1,
  begin: (indexes) => `( __wip_begin '${indexes}' ) 2>/dev/null && __wip_nothing() { :; }; `,
  inTrap: (call) => `( ${call} "$(</dev/stdin)" ) <<<"$BASH_COMMAND" 2>/dev/null || __wip_nothing() { :; }`,
};

/**
 * A command that reads PIPESTATUS must directly follow the one before it, because no command between them can keep
 * it. So the mark before the first of them tells of both.
 */
function markBefore(commands: readonly string[], index: number, form: MarkForm): string {
  const readsStatus = (at: number): boolean => commands[at]?.includes('PIPESTATUS') ?? false;
  if (index > 0 && readsStatus(index)) return '';
  const indexes = [index];
  while (readsStatus(indexes.at(-1)! + 1)) indexes.push(indexes.at(-1)! + 1);
  return form.begin(indexes.join(' '));
}

/**
 * One line. Neither a full disk nor a missing /proc may fail a step, so a mark that cannot be written is left out. A
 * step that sets a trap of its own for ERR or EXIT takes ours away: then its failing line is known less exactly.
 */
function prologue({ path, key }: MarkTarget, { depth, inTrap }: MarkForm): string {
  const mark = (format: string, values: string): string =>
    `builtin printf '\\0${key}${format}\\0' ${values} >>${shellQuote(path)}`;
  const definitions = [
    `__wip_begin() { local __wip_status=$?; ${mark('b%s', '"$1"')} || :; return "$__wip_status"; }`,
    // Where -e is on, the command that sets off this trap is the last one. With `set -E` subshells have it too, and a failure
    // there may be none of the step.
    `trap '${inTrap('__wip_failed "${PIPESTATUS[*]}"')}' ERR`,
    // Not LINENO, which counts the lines of a sourced file, and which a step can unset. PIPESTATUS and BASH_COMMAND are those of
    // the last command that ran, which need not be what failed (failed-redirection.ts).
    `__wip_failed() { if [[ $- == *e* && $BASH_SUBSHELL == ${depth} ]]; then local __wip_has=0; [[ $1 != *[1-9]* ]] || __wip_has=1; ${mark('f%s:%s:%s', `"\${BASH_LINENO[*]: -2:1}" "$__wip_has" "\${2:0:${MAX_COMMAND_CHARACTERS}}"`)} || :; fi; }`,
    `trap '${inTrap('__wip_exit "${BASH_LINENO[*]: -2:1}"')}' EXIT`,
    `__wip_exit() { ${mark('x%s:%s', `"\${1-}" "\${2:0:${MAX_COMMAND_CHARACTERS}}"`)} || :; }`,
  ];
  // With SHELLOPTS=xtrace in its environment bash would show all of it.
  return `set -eo pipefail; { ${definitions.join('; ')}; } 2>/dev/null`;
}

/** `$ npm test`, with the following lines of a longer command set below. */
export function shownCommand(command: string): string {
  return `$ ${command.trimEnd().replace(/\n/g, '\n  ')}\n`;
}
