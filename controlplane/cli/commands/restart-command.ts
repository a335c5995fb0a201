import type { Command } from 'commander';
import { writeJson, type CliContext } from '../cli-context.ts';
import { clientCommand, connect, parseTaskId, type ClientOptions } from './client-command.ts';

export function restartCommand(context: CliContext): Command {
  return clientCommand('restart', 'Run a finished task again from its start state.', ['restart 7'])
    .argument('<task>', 'number of the task')
    .action(async (given: string, options: ClientOptions) => {
      const id = parseTaskId(given);
      const task = await connect(options, context).act(id, 'restart');
      if (options.json) return writeJson(context, task);
      context.out.write(`Task ${task.id} was restarted. Follow it with "wipctl logs ${task.id} -f".\n`);
    });
}
