import type { Argument, Command, Option } from 'commander';

/** The candidates at a position of a command line. `tasks` … `contexts` are fetched when somebody presses Tab. */
export type Completion = (typeof ASKED)[number] | 'files' | 'none' | { readonly choices: readonly string[] };

/** Names that `wipctl completion --names` prints. */
export const ASKED = ['tasks', 'groups', 'clusters', 'contexts'] as const;

interface OptionNode {
  /** The spellings of an option, such as `-w` and `--watch`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Undefined when the option takes no value. */
  readonly value: Completion | undefined;
}

/** One command of the tree, as the scripts for shells need it. */
export interface CommandNode {
  /** The names of the command with blanks between, without the program's own: empty for the program. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionNode[];
  readonly arguments: Completion;
}

const HELP: OptionNode = { flags: ['-h', '--help'], description: 'display help for command', value: undefined };

/** Options whose values the server or this machine can list, by name. */
const VALUES: Readonly<Record<string, Completion>> = {
  '--group': 'groups',
  '--task': 'tasks',
  '--parent': 'tasks',
  '--context': 'contexts',
};
/** Candidates of arguments, by the argument's name: for all commands, or for those below one command. */
const ARGUMENTS: Readonly<Record<string, Completion>> = {
  task: 'tasks',
  tasks: 'tasks',
  file: 'files',
  'repo|file': 'files',
  'clusters name': 'clusters',
  'groups name': 'groups',
  'context name': 'contexts',
  'ecs check cluster': 'clusters',
};

/** Returns the command and all below it, hidden options left out. */
export function commandTree(command: Command, path: readonly string[] = []): CommandNode[] {
  const own: CommandNode = {
    path: path.join(' '),
    commands: command.commands.map((child) => ({ name: child.name(), description: summaryOf(child) })),
    options: [...command.options.filter(({ hidden }) => !hidden).map(optionNode), HELP],
    arguments: argumentsOf(command.registeredArguments, path),
  };
  return [own, ...command.commands.flatMap((child) => commandTree(child, [...path, child.name()]))];
}

function summaryOf(command: Command): string {
  return command.summary() || (command.description().split('. ')[0] ?? '').replace(/\.$/, '');
}

function optionNode(option: Option): OptionNode {
  const { short, long, description } = option;
  const flags = [short, long].filter((flag): flag is string => flag !== undefined);
  return { flags, description, value: option.required || option.optional ? valueOf(option) : undefined };
}

function valueOf({ argChoices, long, flags }: Option): Completion {
  if (argChoices) return { choices: argChoices };
  if (/<(file|directory|dir|path)\b/.test(flags)) return 'files';
  return (long !== undefined && Object.hasOwn(VALUES, long) && VALUES[long]) || 'none';
}

/** The last argument stands for all further ones, because commands take several of the same kind. */
function argumentsOf(given: readonly Argument[], path: readonly string[]): Completion {
  const [first] = given;
  if (!first) return 'none';
  if (first.argChoices) return { choices: first.argChoices };
  const names = [path.join(' '), path[0] ?? ''].map((before) => `${before} ${first.name()}`);
  const name = [...names, first.name()].find((one) => Object.hasOwn(ARGUMENTS, one));
  return (name !== undefined && ARGUMENTS[name]) || 'none';
}
