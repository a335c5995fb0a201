import { isSuccess } from '../../../shared/model/status.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import { writeJson, type CliContext, type Sink } from '../cli-context.ts';
import type { WipClient } from '../client/wip-client.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { paintFor } from '../output/text.ts';
import { watchTask } from '../output/watch-task.ts';

export interface ReportOptions {
  readonly json?: boolean;
  readonly watch?: boolean;
}

/** Says which task was added, or follows it to its end: then the exit code is that of the task. */
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

async function watchToTheEnd(
  client: WipClient,
  task: TaskView,
  options: ReportOptions,
  context: CliContext,
): Promise<void> {
  const abort = context.onInterrupt();
  const silent: Sink = { write: () => undefined, isTerminal: false, columns: undefined };
  const paint = paintFor(context.out, context.environment);
  if (!options.json) context.out.write(`Task ${task.id} was added: ${task.title}\n`);
  const ended = await watchTask(client, task.id, options.json ? silent : context.out, {
    abort,
    clock: context.clock,
    paint,
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
