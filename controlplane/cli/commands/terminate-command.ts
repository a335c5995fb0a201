import type { Command } from 'commander';
import { writeJson, type CliContext } from '../cli-context.ts';
import { clientCommand, connect, parseTaskId, type ClientOptions } from './client-command.ts';
import { oneLine } from '../output/text.ts';

export function terminateCommand(context: CliContext): Command {
  return clientCommand('terminate', 'End a task; its container is stopped.', ['terminate 7'])
    .argument('<task>', 'number of the task')
    .action(async (given: string, options: ClientOptions) => {
      const id = parseTaskId(given);
      const task = await connect(options, context).act(id, 'terminate');
      if (options.json) return writeJson(context, task);
      const text =
        task.status === 'COMPLETE'
          ? `Task ${task.id} had ended already: ${oneLine(task.why)}`
          : `Task ${task.id} is being terminated. Follow it with "wipctl logs ${task.id} -f".`;
      context.out.write(`${text}\n`);
    });
}
