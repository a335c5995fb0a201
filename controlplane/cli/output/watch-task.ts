import { systemClock, type Clock } from '../../../shared/time/clock.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import type { Sink } from '../cli-context.ts';
import { followTask } from '../client/follow-task.ts';
import type { WipClient } from '../client/wip-client.ts';
import { TaskPrinter, type PrinterOptions } from './task-printer.ts';
import type { Paint } from './text.ts';
import { FollowingAbort } from '../../../shared/time/following-abort.ts';

interface WatchOptions extends Partial<PrinterOptions> {
  /** Ends the watching, not the task. */
  readonly abort?: AbortSignal;
  readonly clock?: Clock;
  readonly paint?: Paint;
  /** Only pieces of output with a greater id are printed. */
  readonly outputAfter?: number;
}

const TICK_MS = 200;

/**
 * Prints a task's states, logs and output as they happen, and one sentence at its end. Returns the last view of the
 * task; the task has not finished when the watching was aborted first.
 */
export async function watchTask(
  client: WipClient,
  id: number,
  out: Sink,
  { abort = new AbortController().signal, clock = systemClock, paint = unpainted, ...options }: WatchOptions = {},
): Promise<TaskView> {
  const { outputAfter, ...printing } = options;
  const printer = new TaskPrinter(out, paint, { states: 'listed', ...printing });
  const over = new FollowingAbort(abort);
  const ticking = tick(printer, clock, over.signal);
  let task: TaskView | undefined;
  try {
    const from = outputAfter === undefined ? {} : { outputAfter };
    for await (const event of followTask(client, id, { clock, abort, ...from })) {
      if (event.kind === 'task' || event.kind === 'end') task = event.task;
      printer.print(event);
      await out.drained(abort);
    }
  } finally {
    over.abort();
    await ticking;
    printer.pause();
  }
  return task ?? client.findTask(id);
}

async function tick(printer: TaskPrinter, clock: Clock, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await clock.sleep(TICK_MS, over);
    if (!over.aborted) printer.tick(clock.now());
  }
}

const unpainted: Paint = (_style, text) => text;
