import type { Command } from 'commander';
import type { CliWorld } from './cli-world.ts';
import { clientCommand, connect, parseTaskId, writeJson, type ClientOptions } from './command.ts';

interface ResumeOptions extends ClientOptions {
  readonly task: string;
}

export function resumeCommand(world: CliWorld): Command {
  return clientCommand('resume', 'Let a paused task go on.', ['resume -t 7'])
    .requiredOption('-t, --task <task>', 'number of the task')
    .action(async (options: ResumeOptions) => {
      const id = parseTaskId(options.task);
      const task = await connect(options, world).act(id, 'resume');
      if (options.json) return writeJson(world, task);
      world.out.write(`Task ${task.id} goes on.\n`);
    });
}
