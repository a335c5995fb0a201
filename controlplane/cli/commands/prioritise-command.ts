import type { Command } from 'commander';
import { OperationalError } from '../../../shared/model/error.ts';
import { TaskRank, type TaskView } from '../../api/tasks/task-views.ts';
import type { CliContext } from '../cli-context.ts';
import { clientCommand, connect, type ClientOptions } from './client-command.ts';
import { eachTask, parseTaskIds } from './each-task.ts';

const EXAMPLES = ['prioritise 7', 'prioritise 7 8 LOW'];

export function prioritiseCommand(context: CliContext): Command {
  return clientCommand('prioritise', 'Run tasks before others, or give them another priority.', EXAMPLES)
    .argument(
      '<tasks...>',
      `numbers of tasks, and then perhaps a priority: ${TaskRank.options.join(', ')} (default: FIRST)`,
    )
    .action(async (given: readonly string[], options: ClientOptions) => {
      const { ids, rank } = parseArguments(given);
      const client = connect(options, context);
      const act = (id: number): Promise<TaskView> => client.prioritise(id, rank);
      await eachTask(ids, { act, textOf }, options.json ? 'one' : 'none', context);
    });
}

function textOf({ id, isPrioritised, priority }: TaskView): string {
  return `Task ${id} ${isPrioritised ? 'comes before all others that wait' : `has the priority ${priority}`}.`;
}

/** A last word that does not begin with a digit is the priority. */
function parseArguments(given: readonly string[]): { ids: readonly number[]; rank: TaskRank } {
  const last = given.at(-1) ?? '';
  const hasRank = given.length > 1 && !/^\d/.test(last);
  return { ids: parseTaskIds(hasRank ? given.slice(0, -1) : given), rank: hasRank ? parseRank(last) : 'FIRST' };
}

function parseRank(given: string): TaskRank {
  const rank = TaskRank.safeParse(given.toUpperCase());
  if (rank.success) return rank.data;
  throw new OperationalError('USAGE', {
    happened: `"${given}" is no priority`,
    remedy: `Use one of ${TaskRank.options.join(', ')}`,
  });
}
