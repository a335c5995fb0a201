import { OperationalError } from '../../shared/model/error.ts';
import { COMMAND_HELP, type CommandName } from './help.ts';

export type ParsedCommand =
  | { readonly kind: 'run'; readonly configFile: string | undefined }
  | { readonly kind: 'build'; readonly argv: readonly string[] }
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

/** By hand: a library for seven words would cost 20 ms of every start. */
export function readArguments(argv: readonly string[]): ParsedCommand {
  const [first, ...rest] = argv;
  if (first === 'build') return { kind: 'build', argv: rest };
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
  const options = readOptions(name, words);
  if (options instanceof OperationalError) return { kind: 'usage-error', error: options };
  if (name === 'baseline') return { kind: 'baseline', writeFile: options['--write'] };
  return { kind: name, configFile: options['--config'] };
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMAND_HELP, name);
}

function readOptions(command: CommandName, words: readonly string[]): Record<string, string> | OperationalError {
  const known = command === 'baseline' ? '--write' : '--config';
  const remedy = `See "wip-agent ${command} --help"`;
  const options: Record<string, string> = {};
  for (let at = 0; at < words.length; at += 1) {
    const [name = '', ...value] = (words[at] ?? '').split('=');
    if (name !== known) return usageError(`"${words[at]}" is not an option of wip-agent ${command}`, remedy);
    const text = value.length > 0 ? value.join('=') : words[(at += 1)];
    if (!text) return usageError(`The option ${name} has no value`, remedy);
    options[name] = text;
  }
  return options;
}

function unknownCommand(name: string): ParsedCommand {
  const remedy = `Use one of ${[...Object.keys(COMMAND_HELP), 'build'].join(', ')}; "wip-agent --help" says what they do`;
  return { kind: 'usage-error', error: usageError(`wip-agent has no command "${name}"`, remedy) };
}

function usageError(happened: string, remedy: string): OperationalError {
  return new OperationalError('USAGE', { happened, remedy });
}
