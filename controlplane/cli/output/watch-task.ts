import { systemClock, type Clock } from '../../../shared/support/clock.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import type { Sink } from '../cli-context.ts';
import { followTask } from '../client/follow-task.ts';
import type { WipClient } from '../client/wip-client.ts';
import { TaskPrinter } from './task-printer.ts';
import type { Paint } from './text.ts';

interface WatchOptions {
  /** Ends the watching, not the task. */
  readonly abort?: AbortSignal;
  readonly clock?: Clock;
  readonly paint?: Paint;
}

/**
 * Prints a task's states, logs and output as they happen, and one sentence at its end. Returns the last view of the
 * task; the task has not finished when the watching was aborted first.
 */
export async function watchTask(
  client: WipClient,
  id: number,
  out: Sink,
  options: WatchOptions = {},
): Promise<TaskView> {
  const printer = new TaskPrinter(out, options.paint ?? ((_style, text) => text));
  const abort = options.abort ?? new AbortController().signal;
  let task: TaskView | undefined;
  for await (const event of followTask(client, id, { clock: options.clock ?? systemClock, abort })) {
    if (event.kind === 'task' || event.kind === 'end') task = event.task;
    printer.print(event);
  }
  return task ?? client.findTask(id);
}
