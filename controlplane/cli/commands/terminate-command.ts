import type { Command } from 'commander';
import type { TaskView } from '../../api/tasks/task-views.ts';
import type { CliContext } from '../cli-context.ts';
import { gateOf } from '../../api/tasks/why/why.ts';
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

function textOf(task: TaskView): string {
  const { id, status, why } = task;
  if (status === 'COMPLETE') return `Task ${id} had ended already: ${oneLine(why)}`;
  // A hard pause also holds tasks that were asked to terminate, so there would be nothing to follow.
  if (gateOf(task) !== null) return `Task ${id} is not ended yet. ${oneLine(why)}`;
  return `Task ${id} is being terminated. Follow it with "wipctl logs ${id} -f".`;
}
