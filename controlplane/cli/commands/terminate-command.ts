import type { Command } from 'commander';
import type { TaskView } from '../../api/tasks/task-views.ts';
import type { CliContext } from '../cli-context.ts';
import { oneLine } from '../output/text.ts';
import { clientCommand, connect, type ClientOptions } from './client-command.ts';
import { eachTask, parseTaskIds } from './each-task.ts';

export function terminateCommand(context: CliContext): Command {
  const examples = ['terminate 7', 'terminate 7 8 9'];
  return clientCommand('terminate', 'End tasks; their containers are stopped.', examples)
    .argument('<tasks...>', 'numbers of tasks')
    .action(async (given: readonly string[], options: ClientOptions) => {
      const ids = parseTaskIds(given);
      const client = connect(options, context);
      const act = (id: number): Promise<TaskView> => client.act(id, 'terminate');
      await eachTask(ids, { act, textOf }, options.json ? 'one' : 'none', context);
    });
}

function textOf({ id, status, why }: TaskView): string {
  return status === 'COMPLETE'
    ? `Task ${id} had ended already: ${oneLine(why)}`
    : `Task ${id} is being terminated. Follow it with "wipctl logs ${id} -f".`;
}
