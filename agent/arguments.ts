import { OperationalError } from '../shared/model/error.ts';

export const USAGE = `wip-agent [run] [--config FILE]        start the agent: the entrypoint of a build image
wip-agent check-config [--config FILE] show what the agent makes of config.ini
wip-agent baseline [--write FILE]      measure what the image itself uses, and write it into a config.ini
wip-agent health [--config FILE]       exit code 0 when the agent of this container is ready (for ECS healthCheck)
wip-agent status [--config FILE]       what the agent of this container is doing
wip-agent build export|run ...         the build tool; "wip-agent build --help" tells more
wip-agent --version
`;

export type AgentCommand =
  | { readonly kind: 'run'; readonly configFile: string | undefined }
  | { readonly kind: 'build'; readonly argv: readonly string[] }
  | { readonly kind: 'version' }
  | LocalCommand;

/** Commands that do something on the spot and are done. */
export type LocalCommand =
  | { readonly kind: 'help' }
  | { readonly kind: 'usage-error'; readonly error: OperationalError }
  | { readonly kind: 'check-config' | 'health' | 'status'; readonly configFile: string | undefined }
  | { readonly kind: 'baseline'; readonly configFile: string | undefined; readonly writeFile: string | undefined };

/** By hand: a library for seven words would cost 20 ms of every start. */
export function readArguments(argv: readonly string[]): AgentCommand {
  const [first, ...rest] = argv;
  if (first === 'build') return { kind: 'build', argv: rest };
  if (argv.includes('--help') || argv.includes('-h') || first === 'help') return { kind: 'help' };
  if (first === '--version' || first === 'version') return { kind: 'version' };
  const isWord = first !== undefined && !first.startsWith('-');
  const name = isWord ? first : 'run';
  const options = readOptions(isWord ? rest : argv, name === 'baseline' ? ['--config', '--write'] : ['--config']);
  if (options instanceof OperationalError) return { kind: 'usage-error', error: options };
  const configFile = options['--config'];
  switch (name) {
    case 'run':
    case 'check-config':
    case 'health':
    case 'status':
      return { kind: name, configFile };
    case 'baseline':
      return { kind: 'baseline', configFile, writeFile: options['--write'] };
    default:
      return { kind: 'usage-error', error: usageError(`wip-agent has no command "${name}"`) };
  }
}

function readOptions(words: readonly string[], known: readonly string[]): Record<string, string> | OperationalError {
  const options: Record<string, string> = {};
  for (let at = 0; at < words.length; at += 1) {
    const [name = '', ...value] = (words[at] ?? '').split('=');
    if (!known.includes(name)) return usageError(`"${words[at]}" is not an option of this command`);
    const text = value.length > 0 ? value.join('=') : words[(at += 1)];
    if (!text) return usageError(`The option ${name} has no value`);
    options[name] = text;
  }
  return options;
}

function usageError(happened: string): OperationalError {
  return new OperationalError('USAGE', { happened, remedy: 'See "wip-agent --help"' });
}
