import { parseArgs } from 'node:util';
import { OperationalError } from '../../shared/model/error.ts';
import { STANDBY_ARGUMENT } from '../../shared/protocol/build-order.ts';
import { COMMAND_HELP, type CommandName } from './help.ts';

export type ParsedCommand =
  | { readonly kind: 'run'; readonly configFile: string | undefined }
  | { readonly kind: 'build'; readonly argv: readonly string[] }
  | { readonly kind: 'build-standby' }
  | { readonly kind: 'version' }
  | { readonly kind: 'sftp-server' }
  | LocalCommand;

/** Commands that do something on the spot and are done. */
export type LocalCommand =
  /** Of one command, or of all when none is named. */
  | { readonly kind: 'help'; readonly command: CommandName | undefined }
  | { readonly kind: 'usage-error'; readonly error: OperationalError }
  | { readonly kind: 'check-config' | 'health' | 'status'; readonly configFile: string | undefined }
  | { readonly kind: 'baseline'; readonly writeFile: string | undefined };

/** Of the agent's own SSH server, which starts it for each transfer; nobody types it, so no help tells of it. */
export const SFTP_COMMAND = 'sftp-server';

const HELP_WORDS: ReadonlySet<string> = new Set(['--help', '-h']);

export function readArguments(argv: readonly string[]): ParsedCommand {
  const [first, ...rest] = argv;
  if (first === 'build')
    return rest[0] === STANDBY_ARGUMENT ? { kind: 'build-standby' } : { kind: 'build', argv: rest };
  if (first === 'help') return rest[0] === 'build' ? { kind: 'build', argv: ['help'] } : helpOf(rest[0]);
  if (first === SFTP_COMMAND) return { kind: 'sftp-server' };
  if (first === '--version' || first === 'version') return { kind: 'version' };
  const isWord = first !== undefined && !first.startsWith('-');
  if (argv.some((word) => HELP_WORDS.has(word))) return helpOf(isWord ? first : undefined);
  return commandOf(isWord ? first : 'run', isWord ? rest : argv);
}

function helpOf(name: string | undefined): ParsedCommand {
  if (name === undefined || isCommand(name)) return { kind: 'help', command: name };
  return unknownCommand(name);
}

function commandOf(name: string, words: readonly string[]): ParsedCommand {
  if (!isCommand(name)) return unknownCommand(name);
  const file = readOption(name, words);
  if (file instanceof OperationalError) return { kind: 'usage-error', error: file };
  return name === 'baseline' ? { kind: name, writeFile: file } : { kind: name, configFile: file };
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMAND_HELP, name);
}

/** Returns the value of the one option that the command has; undefined when it is not given. */
function readOption(command: CommandName, words: readonly string[]): string | undefined | OperationalError {
  const name = command === 'baseline' ? 'write' : 'config';
  const remedy = `See "wip-agent ${command} --help"`;
  // Not strict: then the tokens say what is there, and the sentences about it are ours.
  const { tokens } = parseArgs({
    args: [...words],
    options: { [name]: { type: 'string' } },
    strict: false,
    tokens: true,
  });
  let value: string | undefined;
  for (const token of tokens) {
    const word = token.kind === 'option' ? token.rawName : token.kind === 'positional' ? token.value : '--';
    if (word !== `--${name}`) return usageError(`"${word}" is not an option of wip-agent ${command}`, remedy);
    if (token.kind !== 'option' || !token.value) return usageError(`The option ${word} has no value`, remedy);
    value = token.value;
  }
  return value;
}

function unknownCommand(name: string): ParsedCommand {
  const remedy = `Use one of ${[...Object.keys(COMMAND_HELP), 'build'].join(', ')}; "wip-agent --help" says what they do`;
  return { kind: 'usage-error', error: usageError(`wip-agent has no command "${name}"`, remedy) };
}

function usageError(happened: string, remedy: string): OperationalError {
  return new OperationalError('USAGE', { happened, remedy });
}
