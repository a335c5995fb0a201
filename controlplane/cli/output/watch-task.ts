import { assertNever } from '../../../shared/model/assert-never.ts';
import { lossMark } from '../../../shared/model/output-loss.ts';
import { isSuccess } from '../../../shared/model/status.ts';
import { formatSeconds } from '../../../shared/model/units.ts';
import { systemClock, type Clock } from '../../../shared/support/clock.ts';
import type { LogView, StepView, TaskView } from '../../api/tasks/task-views.ts';
import type { Sink } from '../cli-context.ts';
import type { WipClient } from '../client/wip-client.ts';
import { endSentence } from './task-end-sentence.ts';
import { followTask, type TaskEvent } from '../client/follow-task.ts';
import { indent, oneLine, visible, type Paint } from './text.ts';

// The log keeps no more of a stream's end than this (tasks/last-words.ts), so no more is needed to recognise it.
const KEPT_CHARACTERS = 16 * 1024;

export interface WatchOptions {
  /** Ends the watching, not the task. */
  readonly abort?: AbortSignal;
  readonly clock?: Clock;
  readonly paint?: Paint;
}

/**
 * Prints the task's way through its states as it happens, with what the build writes as it is, and one sentence
 * at its end. Answers the last view: not of a finished task when the signal aborted first.
 */
export async function watchTask(
  client: WipClient,
  id: number,
  out: Sink,
  options: WatchOptions = {},
): Promise<TaskView> {
  const printer = createPrinter(out, options.paint ?? ((_style, text) => text));
  const abort = options.abort ?? new AbortController().signal;
  let task: TaskView | undefined;
  for await (const event of followTask(client, id, { clock: options.clock ?? systemClock, abort })) {
    if (event.kind === 'task' || event.kind === 'end') task = event.task;
    printer.print(event);
  }
  return task ?? client.findTask(id);
}

interface Printer {
  print(event: TaskEvent): void;
}

function createPrinter(out: Sink, paint: Paint): Printer {
  let startedAtMs: number | undefined;
  let lastWhy = '';
  let lineIsOpen = false;
  const written = { stdout: '', stderr: '' };

  const line = (text: string): void => {
    out.write(`${lineIsOpen ? '\n' : ''}${text}\n`);
    lineIsOpen = false;
  };
  const sinceStart = (at: string): string => {
    const ms = Date.parse(at);
    startedAtMs ??= ms;
    return formatSeconds(Math.max(0, ms - startedAtMs) / 1000).padStart(9);
  };

  return {
    print(event) {
      switch (event.kind) {
        case 'task':
          if (!startedAtMs) startedAtMs = Date.parse(event.task.createdAt);
          // Only what a person may be waiting for; the states say the rest.
          {
            const why = whyHeld(event.task);
            if (why !== null && why !== lastWhy) line(paint('yellow', `Task ${event.task.id}: ${oneLine(why)}`));
            lastWhy = why ?? '';
          }
          return;
        case 'state':
          if (!isWaitingTurn(event.step))
            line(`${paint('dim', sinceStart(event.step.at))}  ${stepText(event.step, paint)}`);
          return;
        case 'log':
          if (event.log.userReadable) line(`${' '.repeat(11)}${logText(withoutRepeat(event.log, written), paint)}`);
          return;
        case 'output': {
          const { omittedBefore, stream, data } = event.output;
          const bytes = Buffer.from(data, 'base64');
          if (omittedBefore > 0) line(paint('yellow', lossMark(omittedBefore, stream).trim()));
          if (bytes.length === 0) return;
          out.write(bytes);
          lineIsOpen = bytes.at(-1) !== 0x0a;
          written[stream] = `${written[stream]}${bytes.toString()}`.slice(-KEPT_CHARACTERS);
          return;
        }
        case 'lost':
          line(
            paint(
              'yellow',
              `The connection was lost (${oneLine(event.why)}); trying again. The task goes on meanwhile.`,
            ),
          );
          return;
        case 'end':
          // The end of the output has just been seen, unless there was none: then the detail is all there is.
          if (written.stdout === '' && written.stderr === '') detailLines(event.task).forEach(line);
          line(paint(isSuccess(event.task.exitStatus) ? 'green' : 'red', endSentence(event.task)));
          return;
        default:
          assertNever(event);
      }
    },
  };
}

function whyHeld(task: TaskView): string | null {
  // Each state on the way down has a why of its own; that it goes down is said once.
  if (task.isTerminating && task.waitsBecause === null) return 'It was asked to terminate and is being ended.';
  // Of a task that has started, states, log and output tell what it does.
  const isHeld = task.isPaused || (task.startedAt === null && task.waitsBecause !== null);
  return isHeld ? task.why : null;
}

/** What the last words of a container repeat of an output that has just been seen is named, not printed again. */
function withoutRepeat(log: LogView, written: Readonly<Record<'stdout' | 'stderr', string>>): LogView {
  const lineEnd = log.message.indexOf(':\n');
  if (lineEnd === -1) return log;
  const body = log.message.slice(lineEnd + 2);
  const isSeen = body !== '' && Object.values(written).some((text) => text.endsWith(body));
  return isSeen ? { ...log, message: `${log.message.slice(0, lineEnd)}: as printed above.` } : log;
}

/** The last line names the first one of a failure of the system itself. */
function detailLines(task: TaskView): string[] {
  const lines = visible(task.exitDetail ?? '')
    .trimEnd()
    .split('\n');
  const shown = task.exitStatus === 'ERROR_SYSTEM' ? lines.slice(1) : lines;
  return shown.join('') === '' ? [] : [indent(shown.join('\n'), '  ')];
}

/** A state that asks itself again and again while it waits is one line, not one per question. */
function isWaitingTurn(step: StepView): boolean {
  return step.from === step.to && !step.executed;
}

function stepText(step: StepView, paint: Paint): string {
  const value = step.value ? `${paint(step.value === '!' ? 'red' : 'cyan', oneLine(step.value))} ` : '';
  const note = step.note ? paint('yellow', ` (${oneLine(step.note)})`) : '';
  return `${value}→ ${paint('bold', oneLine(step.to))}${note}`;
}

export function logText(log: LogView, paint: Paint): string {
  const message = visible(log.message);
  switch (log.level) {
    case 'FATAL':
    case 'ERROR':
      return `${paint('red', 'error:')} ${message}`;
    case 'WARN':
    case 'ALERT':
      return `${paint('yellow', 'warning:')} ${message}`;
    case 'INFO':
      return message;
    case 'DEBUG':
    case 'TRACE':
      return paint('dim', message);
    default:
      return assertNever(log.level);
  }
}
