import type { Command } from 'commander';
import { OperationalError } from '../../../shared/model/error.ts';
import { TaskRank } from '../../api/tasks/task-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { clientCommand, connect, parseTaskId, type ClientOptions } from './client-command.ts';

const EXAMPLES = ['prioritise 7', 'prioritise 7 LOW'];

export function prioritiseCommand(context: CliContext): Command {
  return clientCommand('prioritise', 'Run a task before others, or give it another priority.', EXAMPLES)
    .argument('<task>', 'number of the task')
    .argument('[priority]', TaskRank.options.join(', '), 'FIRST')
    .action(async (given: string, priority: string, options: ClientOptions) => {
      const id = parseTaskId(given);
      const task = await connect(options, context).prioritise(id, parseRank(priority));
      if (options.json) return writeJson(context, task);
      const text = task.isPrioritised ? 'comes before all others that wait' : `has the priority ${task.priority}`;
      context.out.write(`Task ${task.id} ${text}.\n`);
    });
}

function parseRank(given: string): TaskRank {
  const rank = TaskRank.safeParse(given.toUpperCase());
  if (rank.success) return rank.data;
  throw new OperationalError('USAGE', {
    happened: `"${given}" is no priority`,
    remedy: `Use one of ${TaskRank.options.join(', ')}`,
  });
}
