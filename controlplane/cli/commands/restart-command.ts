import type { Command } from 'commander';
import type { TaskView } from '../../api/tasks/task-views.ts';
import type { CliContext } from '../cli-context.ts';
import { clientCommand, connect, type ClientOptions } from './client-command.ts';
import { eachTask, parseTaskIds } from './each-task.ts';

export function restartCommand(context: CliContext): Command {
  const examples = ['restart 7', 'restart 7 8 9'];
  return clientCommand('restart', 'Run finished tasks again from their start state.', examples)
    .argument('<tasks...>', 'numbers of tasks')
    .action(async (given: readonly string[], options: ClientOptions) => {
      const ids = parseTaskIds(given);
      const client = connect(options, context);
      const act = (id: number): Promise<TaskView> => client.act(id, 'restart');
      const textOf = ({ id }: TaskView): string => `Task ${id} was restarted. Follow it with "wipctl logs ${id} -f".`;
      await eachTask(ids, { act, textOf }, options.json ? 'one' : 'none', context);
    });
}
