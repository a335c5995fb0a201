import type { Command } from 'commander';
import { writeJson, type CliContext } from '../cli-context.ts';
import type { QueueView } from '../../api/queue/queue-views.ts';
import { ServerRefusal } from '../client/server-refusal.ts';
import type { WipClient } from '../client/wip-client.ts';
import { taskText } from '../output/task-text.ts';
import { paintFor } from '../output/text.ts';
import { clientCommand, connect, parseTaskId, type ClientOptions } from './client-command.ts';

export function showCommand(context: CliContext): Command {
  return clientCommand('show', 'Show one task: what it does or how it ended, the reason, and what it used.', [
    'show 7',
    'show 7 --json',
  ])
    .argument('<task>', 'number of the task')
    .action(async (given: string, options: ClientOptions) => {
      const client = connect(options, context);
      const task = await client.findTask(parseTaskId(given));
      if (options.json) return writeJson(context, task);
      const queue = task.phase === 'queued' ? await readQueue(client, task.id) : null;
      const paint = paintFor(context.out, context.environment);
      context.out.write(taskText({ task, queue }, { now: context.clock.now(), columns: context.out.columns, paint }));
    });
}

/** Returns null when the server is older than this route. */
async function readQueue(client: WipClient, id: number): Promise<QueueView | null> {
  try {
    return await client.readQueue(id);
  } catch (error) {
    if (error instanceof ServerRefusal && error.code === 'ROUTE_UNKNOWN') return null;
    throw error;
  }
}
