import { shellQuote } from '../../../shared/text/shell-quote.ts';
import { MAX_COMMAND_CHARACTERS } from './step-marks.ts';

export interface MarkTarget {
  /** A path that leads to the pipe of the step's stdout, whatever a command does with its own descriptors. */
  readonly path: string;
  readonly key: string;
}

/**
 * How the shell of a step calls the functions that write the marks. A step may have functions and aliases of any name, and
 * `return() { …; }` would be called in the place of the shell's own. So `builtin` is the only word in them, besides reserved
 * ones; `[[ _ ]]` is what does nothing.
 */
interface MarkForm {
  /** How many subshells deep they run where the step's own shell calls them. */
  readonly depth: number;
  /** What the functions begin with. */
  readonly first: string;
  begin(indexes: string): string;
  /** In a trap. The last argument is the command that ran last. */
  inTrap(call: string): string;
}

const IN_PLACE: MarkForm = {
  depth: 0,
  first: '',
  // The second group is there for a step that can open nothing any more (`set -r`, `ulimit -n 3`): as the left side of `&&`
  // the first one fails no step.
  begin: (indexes) => `{ __wip_begin '${indexes}' "$?" "$_"; } 2>/dev/null && { [[ _ ]]; } 2>/dev/null; `,
  inTrap: (call) => `{ ${call} "$BASH_COMMAND"; } 2>/dev/null || [[ _ ]]`,
};

/**
 * A trap for DEBUG is not called in a subshell, nor for the definition of a function, which stands where a command that does
 * nothing is needed. In a subshell BASH_COMMAND is the mark itself, but the word behind `<<<` is read before that. A
 * function `builtin` can be removed there and stays in the step: to a shell in POSIX mode `unset` is no function.
 */
const IN_SUBSHELLS: MarkForm = {
  depth: 1,
  first: 'POSIXLY_CORRECT=1; unset -f builtin; ',
  begin: (indexes) => `( __wip_begin '${indexes}' "$?" ) 2>/dev/null && __wip_nothing() { [[ _ ]]; }; `,
  inTrap: (call) => `( ${call} "$(</dev/stdin)" ) <<<"$BASH_COMMAND" 2>/dev/null || __wip_nothing() { [[ _ ]]; }`,
};

/** Whoever traps DEBUG counts or shows commands. Other steps do not pay for the processes. */
export function markFormOf(commands: readonly string[]): MarkForm {
  const needsSubshells = /\bDEBUG\b|\bbuiltin\s*\(|\bfunction\s+builtin\b/;
  return commands.some((command) => needsSubshells.test(command)) ? IN_SUBSHELLS : IN_PLACE;
}

/**
 * A command that reads PIPESTATUS must directly follow the one before it, because no command between them can keep
 * it. So the mark before the first of them tells of both.
 */
export function markBefore(commands: readonly string[], index: number, form: MarkForm): string {
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
export function markPrologue({ path, key }: MarkTarget, { depth, first, inTrap }: MarkForm): string {
  const mark = (format: string, values: string): string =>
    `builtin printf '\\0${key}${format}\\0' ${values} >>${shellQuote(path)} || [[ _ ]]`;
  const definitions = [
    `__wip_begin() { ${first}${mark('b%s', '"$1"')}; builtin return "$2"; }`,
    // Where -e is on, the command that sets off this trap is the last one. With `set -E` subshells have it too, and a failure
    // there may be none of the step.
    `builtin trap '${inTrap('__wip_failed "${PIPESTATUS[*]}"')}' ERR`,
    // Not LINENO, which counts the lines of a sourced file, and which a step can unset. PIPESTATUS and BASH_COMMAND are those of
    // the last command that ran, which need not be what failed (failed-redirection.ts).
    `__wip_failed() { if [[ $- == *e* && $BASH_SUBSHELL == ${depth} ]]; then ${first}${mark('f%s:%s:%s', `"\${BASH_LINENO[*]: -2:1}" "\${1//[!1-9]/}" "\${2:0:${MAX_COMMAND_CHARACTERS}}"`)}; fi; }`,
    `builtin trap '${inTrap('__wip_exit "${BASH_LINENO[*]: -2:1}"')}' EXIT`,
    `__wip_exit() { ${first}${mark('x%s:%s', `"\${1-}" "\${2:0:${MAX_COMMAND_CHARACTERS}}"`)}; }`,
  ];
  // With SHELLOPTS=xtrace in its environment bash would show all of it.
  return `set -eo pipefail; { ${definitions.join('; ')}; } 2>/dev/null`;
}

/** What of the script is the tool's: the start of a line, or all of one. */
export function ownTextOf(prologue: string, form: MarkForm): RegExp {
  const quote = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  const begin = quote(form.begin('@')).replace('@', '[\\d ]+');
  const trapped = quote(form.inTrap('@')).replace('@', '__wip_(?:failed|exit) [^;)]*');
  return new RegExp(`${begin}|(?:${trapped}|${quote(prologue)})\\n`, 'y');
}
