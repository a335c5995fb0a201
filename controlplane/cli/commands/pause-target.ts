import { Option, type Command } from 'commander';
import { OperationalError } from '../../../shared/model/error.ts';
import { Name } from '../../../shared/model/identifier.ts';
import { clientCommand, type ClientOptions } from './client-command.ts';
import { parseTaskIds } from './each-task.ts';

export interface TargetOptions extends ClientOptions {
  readonly task?: readonly string[];
  readonly group?: readonly string[];
  readonly all?: boolean;
}

/** The tasks or groups that are paused or resumed. */
export type Target =
  | { readonly kind: 'tasks'; readonly ids: readonly number[] }
  | { readonly kind: 'groups'; readonly names: readonly string[] }
  | { readonly kind: 'all' };

/** Makes a command with the arguments that `pause` and `resume` share. */
export function targetCommand<O extends TargetOptions>(
  about: { readonly name: string; readonly description: string; readonly examples: readonly string[] },
  act: (target: Target, options: O) => Promise<void>,
): Command {
  return clientCommand(about.name, about.description, about.examples)
    .argument('[tasks...]', 'numbers of tasks')
    .addOption(new Option('-t, --task <tasks...>', 'numbers of tasks, as the arguments are'))
    .addOption(new Option('-g, --group <groups...>', 'all tasks of these groups, future ones included'))
    .addOption(new Option('--all', 'all tasks of all groups, future ones included'))
    .action(async (tasks: readonly string[], options: O) => act(targetOf(tasks, options, about.name), options));
}

/** Exactly one kind of target must be given: a forgotten argument must not stop everything. */
function targetOf(given: readonly string[], { task = [], group, all }: TargetOptions, command: string): Target {
  const tasks = [...given, ...task];
  const kinds = [tasks.length > 0, group !== undefined, all === true].filter((isGiven) => isGiven).length;
  if (kinds !== 1) throw unclear(kinds, command);
  if (tasks.length > 0) return { kind: 'tasks', ids: parseTaskIds(tasks) };
  if (!group) return { kind: 'all' };
  if (!group.includes('')) return { kind: 'groups', names: group.map(checkName) };
  throw new OperationalError('USAGE', {
    happened: 'The name of a group is empty',
    remedy: `Give names with blanks between, as in "wipctl ${command} -g One Two"`,
  });
}

function checkName(name: string): string {
  const parsed = Name.safeParse(name);
  if (parsed.success) return name;
  throw new OperationalError('USAGE', {
    happened: `"${name}" is not the name of a group: ${parsed.error.issues.map(({ message }) => message).join('; ')}`,
    remedy: 'Give a name that "wipctl groups" shows',
  });
}

function unclear(kinds: number, command: string): OperationalError {
  const happened =
    kinds === 0
      ? `There is nothing to ${command}: no task and no group was named`
      : 'Tasks, groups and --all were mixed';
  const remedy = `Give numbers of tasks, or groups with -g, or --all for everything; see "wipctl ${command} --help"`;
  return new OperationalError('USAGE', { happened, remedy });
}

/** Prints `the group Basic` or `the groups Basic and Other`. */
export function groupsText(names: readonly string[]): string {
  return `the ${names.length === 1 ? 'group' : 'groups'} ${names.join(' and ')}`;
}
