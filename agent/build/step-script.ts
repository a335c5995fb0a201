import { shellQuote } from '../../shared/support/shell-quote.ts';

/** Open in the step's shell at its start: a file of ours that takes the number of each command as it begins. */
const MARK_FD = 3;

/**
 * The bash script of one step. Each command is an `eval` of its own: they share directory, variables and functions,
 * a syntax error spoils only its own command, and the number written before each says which one failed. `set -e` and
 * pipefail hold as if the commands stood there plainly (tried with bash 5.2); a step may switch them off.
 */
export function stepScript(commands: readonly string[]): string {
  const lines = [
    'set -eo pipefail',
    // Moved to a number that bash chooses (10 or higher): steps use 3 and up for themselves.
    `exec {__wip_mark}>&${MARK_FD} ${MARK_FD}>&-`,
    // Neither a full disk nor a closed stdout here may fail a step.
    `__wip_begin() { { printf '%s\\n' "$1" >&"$__wip_mark"; printf '%s\\n' "$2"; } 2>/dev/null || :; }`,
  ];
  commands.forEach((command, index) => {
    lines.push(`__wip_begin ${index} ${shellQuote(shownCommand(command))}`, `eval ${shellQuote(command)}`);
  });
  return `${lines.join('\n')}\n`;
}

/** `$ npm test`, with the following lines of a longer command set below. */
function shownCommand(command: string): string {
  return `$ ${command.trimEnd().replace(/\n/g, '\n  ')}`;
}
