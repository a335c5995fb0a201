import type { Command } from 'commander';
import type { CliWorld } from './cli-world.ts';
import { clientCommand, connect, parseTaskId, writeJson, type ClientOptions } from './command.ts';

interface PauseOptions extends ClientOptions {
  readonly task: string;
}

export function pauseCommand(world: CliWorld): Command {
  return clientCommand('pause', 'Keep a task from taking another step; what runs in its container runs on.', [
    'pause -t 7',
  ])
    .requiredOption('-t, --task <task>', 'number of the task')
    .action(async (options: PauseOptions) => {
      const id = parseTaskId(options.task);
      const task = await connect(options, world).act(id, 'pause');
      if (options.json) return writeJson(world, task);
      world.out.write(`Task ${task.id} is paused. Let it go on with "wipctl resume -t ${task.id}".\n`);
    });
}
