import type { Command, CommanderError } from 'commander';
import { escapeControls } from '../../shared/text/quote.ts';

/** Returns sentences that explain an error in a command line: commander's own messages are fragments in several styles. */
export function usageErrorText(error: CommanderError, program: Command, argv: readonly string[]): string {
  const [, first = '', suggestion = ''] = /^(?:error: )?(.*?)(\n\(Did you mean .*\))?$/s.exec(error.message) ?? [];
  const hint = suggestion
    .replace(/[()]/g, '')
    .trim()
    .replace(/^Did you mean (.+)\?$/, 'Perhaps $1 is meant.');
  const path = commandPath(program, argv);
  return [
    `wipctl: ${escapeControls(withoutPassword(sentence(first)))}.`,
    hint,
    `See "${['wipctl', ...path].join(' ')} --help". [USAGE]`,
  ]
    .filter((part) => part !== '')
    .join(' ')
    .concat('\n');
}

const FORMS: readonly (readonly [RegExp, string])[] = [
  // The value after the name of an option may be a secret.
  [/^unknown option '(--[^=]*|-[^-]).*'$/, 'There is no option "$1"'],
  [/^unknown (command|option) '(.*)'$/, 'There is no $1 "$2"'],
  [/^missing required argument '(.*)'$/, 'The argument <$1> is missing'],
  [/^required option '(?:-\w, )?(--[\w-]+).*' not specified$/, 'The option $1 is missing'],
  [/^option '(?:-\w, )?(--[\w-]+).*' argument missing$/, 'The option $1 needs a value'],
  [/^option '(?:-\w, )?(--[\w-]+).*' argument '(.*)' is invalid\. (.*)$/s, '"$2" is not a value of $1. $3'],
  [/^command-argument value '(.*)' is invalid for argument '(.*)'\. (.*)$/s, '"$1" is not a value of <$2>. $3'],
  [
    /^option '(?:-\w, )?(--[\w-]+).*' cannot be used with option '(?:-\w, )?(--[\w-]+).*'$/,
    '$1 and $2 exclude each other',
  ],
  [
    /^too many arguments(?: for '.*')?\. Expected (\d+) arguments? but got (\d+): (.*)\.$/,
    'Too many arguments: $1 expected, $2 given ($3)',
  ],
];

/** A refused address may contain a password, and standard error is often a log. */
function withoutPassword(text: string): string {
  return text.replace(/(:\/\/)[^/@\s"]*@/g, '$1…@');
}

function sentence(message: string): string {
  const form = FORMS.find(([pattern]) => pattern.test(message));
  const text = form ? message.replace(...form) : message.charAt(0).toUpperCase() + message.slice(1);
  return text.replace('Allowed choices are ', 'Use one of ').replace(/\.$/, '');
}

/** Returns the names of the command that was called, as far as they are known. An alias counts as its name. */
export function commandPath(program: Command, argv: readonly string[]): string[] {
  const path: string[] = [];
  let command: Command | undefined = program;
  for (const word of argv) {
    const child: Command | undefined = command.commands.find(
      (one) => one.name() === word || one.aliases().includes(word),
    );
    if (!child) break;
    path.push(child.name());
    command = child;
  }
  return path;
}
