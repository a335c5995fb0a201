import { Argument, Command, Option } from 'commander';
import { assertNever } from '../../../shared/model/assert-never.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import { ClustersAnswer } from '../../api/clusters/cluster-views.ts';
import { GroupsAnswer } from '../../api/groups/group-views.ts';
import { TaskPage } from '../../api/tasks/task-views.ts';
import type { CliContext } from '../cli-context.ts';
import { createApi, type Api } from '../client/api.ts';
import { findConnection } from '../client/find-connection.ts';
import { readContexts } from '../client/saved-contexts.ts';
import { addServerOptions, type ClientOptions } from '../commands/client-command.ts';
import { examplesText } from '../command-help.ts';
import { bashCompletion } from './bash-completion.ts';
import { ASKED, commandTree } from './command-tree.ts';
import { fishCompletion } from './fish-completion.ts';
import { zshCompletion } from './zsh-completion.ts';

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;
type Shell = keyof typeof SHELLS;
type Asked = (typeof ASKED)[number];

interface CompletionOptions extends ClientOptions {
  readonly names?: Asked;
}

// Somebody has pressed Tab and waits.
const LIMIT_MS = 1_500;

export function completionCommand(context: CliContext, loadProgram: () => Promise<Command>): Command {
  const command = new Command('completion')
    .description(
      'Print a script that completes commands, options, and names of tasks, groups, clusters and contexts with the Tab key.',
    )
    .addArgument(new Argument('[shell]', 'the shell').choices(Object.keys(SHELLS)))
    .addOption(new Option('--names <kind>', 'print names, as the scripts ask for them').choices(ASKED).hideHelp())
    .addHelpText(
      'after',
      examplesText([
        'completion bash   # in ~/.bashrc:                  source <(wipctl completion bash)',
        'completion zsh    # in ~/.zshrc, after compinit:   source <(wipctl completion zsh)',
        'completion fish   # in ~/.config/fish/config.fish: wipctl completion fish | source',
      ]),
    );
  return addServerOptions(command).action(async (shell: Shell | undefined, options: CompletionOptions) => {
    if (options.names !== undefined) {
      const names = await namesOf(options.names, options, context);
      return context.out.write(names.map((name) => `${name}\n`).join(''));
    }
    if (shell === undefined) {
      throw new OperationalError('USAGE', {
        happened: 'The shell is missing',
        remedy: `Give one of ${Object.keys(SHELLS).join(', ')}`,
      });
    }
    context.out.write(SHELLS[shell](commandTree(await loadProgram())));
  });
}

/** Returns no names when the server does not answer in time: a completion must not print errors. */
async function namesOf(asked: Asked, options: ClientOptions, context: CliContext): Promise<string[]> {
  if (asked === 'contexts') return Object.keys(readContexts(context.environment).contexts);
  try {
    const names = await readNames(asked, createApi(findConnection(options, context)), AbortSignal.timeout(LIMIT_MS));
    // A shell splits at blanks, and what it would expand must not come from a server.
    return names.filter((name) => /^[\w.:/@+-]+$/.test(name));
  } catch {
    return [];
  }
}

async function readNames(
  asked: Exclude<Asked, 'contexts'>,
  { ask, routes }: Api,
  signal: AbortSignal,
): Promise<string[]> {
  switch (asked) {
    case 'groups':
      return (await ask(GroupsAnswer, routes.GET('/v1/groups', { signal }))).groups.map(({ name }) => name);
    case 'clusters':
      return (await ask(ClustersAnswer, routes.GET('/v1/clusters', { signal }))).clusters.map(({ name }) => name);
    case 'tasks': {
      const params = { query: { limit: 50 } };
      return (await ask(TaskPage, routes.GET('/v1/tasks', { params, signal }))).tasks.map(({ id }) => String(id));
    }
    default:
      return assertNever(asked);
  }
}
