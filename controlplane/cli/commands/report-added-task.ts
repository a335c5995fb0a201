import type { Command } from 'commander';
import { isSuccess } from '../../../shared/model/status.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import { writeJson, type CliContext, type Sink } from '../cli-context.ts';
import type { WipClient } from '../client/wip-client.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { oneLine, paintFor } from '../output/text.ts';
import { watchTask } from '../output/watch-task.ts';

export interface ReportOptions {
  readonly json?: boolean;
  readonly watch?: boolean;
  /** Lists the states on a terminal as well; a pipe always gets them. */
  readonly verbose?: boolean;
}

/** Options of the commands that add a task and may follow it. */
export function withWatchOptions(command: Command, what: string): Command {
  return command
    .option('-w, --watch', `follow the ${what} to its end; Ctrl-C stops watching, not the ${what}`)
    .option('-v, --verbose', 'with --watch on a terminal: list every state, instead of one line that tells the last');
}

/** Prints which task was added, or follows the task to its end and sets the exit code by its result. */
export async function reportAddedTask(
  client: WipClient,
  task: TaskView,
  options: ReportOptions,
  context: CliContext,
): Promise<void> {
  if (options.watch) return watchToTheEnd(client, task, options, context);
  if (options.json) return writeJson(context, task);
  context.out.write(
    `Task ${task.id} was added. Follow it with "wipctl logs ${task.id} -f", see it with "wipctl show ${task.id}".\n`,
  );
}

/** The address of the task in the dashboard, which every node serves. */
function taskPage(server: string, id: number): string {
  return `${server.replace(/\/+$/, '')}/tasks/${id}`;
}

async function watchToTheEnd(
  client: WipClient,
  task: TaskView,
  options: ReportOptions,
  context: CliContext,
): Promise<void> {
  const abort = context.onInterrupt();
  const silent: Sink = {
    write: () => undefined,
    drained: async () => undefined,
    isTerminal: false,
    columns: undefined,
  };
  const out = options.json ? silent : context.out;
  out.write(`Task ${task.id} was added: ${oneLine(task.title)}\n`);
  const ended = await watchTask(client, task.id, out, {
    ...{ abort, clock: context.clock, paint: paintFor(out, context.environment) },
    states: out.isTerminal && !options.verbose ? 'folded' : 'listed',
    farewell: `See ${taskPage(client.url, task.id)}`,
  });
  if (options.json) writeJson(context, ended);
  if (ended.status !== 'COMPLETE') {
    context.err.write(
      `\nStopped watching; task ${task.id} goes on. Watch it again with "wipctl logs ${task.id} -f", end it with "wipctl terminate ${task.id}".\n`,
    );
    return context.setExitCode(EXIT_CODE.INTERRUPTED);
  }
  context.setExitCode(isSuccess(ended.exitStatus) ? EXIT_CODE.OK : EXIT_CODE.BUILD_FAILED);
}
