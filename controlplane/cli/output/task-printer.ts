import { assertNever } from '../../../shared/model/assert-never.ts';
import { lossMark } from '../../../shared/model/output-loss.ts';
import { isSuccess } from '../../../shared/model/status.ts';
import { formatSeconds } from '../../../shared/model/units.ts';
import type { LogView, OutputView, StepView, TaskView } from '../../api/tasks/task-views.ts';
import type { TaskEvent } from '../client/follow-task.ts';
import type { Sink } from '../cli-context.ts';
import { logText } from './log-text.ts';
import { endSentence } from './task-end-sentence.ts';
import { indent, oneLine, visible, type Paint } from './text.ts';

// The log keeps no more of a stream's end than this (tasks/last-words.ts), so no more is needed to recognise a repeat.
const KEPT_CHARACTERS = 16 * 1024;

/** Prints the events of one task, in their order, for a person at a terminal. */
export class TaskPrinter {
  readonly #out: Sink;
  readonly #paint: Paint;
  #startedAtMs: number | undefined;
  #lastWhy = '';
  #lineIsOpen = false;
  /** The end of what each stream has printed. */
  readonly #written = { stdout: '', stderr: '' };

  constructor(out: Sink, paint: Paint) {
    this.#out = out;
    this.#paint = paint;
  }

  print(event: TaskEvent): void {
    switch (event.kind) {
      case 'task':
        return this.#printTask(event.task);
      case 'state':
        return this.#printStep(event.step);
      case 'log':
        return this.#printLog(event.log);
      case 'output':
        return this.#printOutput(event.output);
      case 'lost':
        return this.#line(this.#paint('yellow', lostText(event.why)));
      case 'end':
        return this.#printEnd(event.task);
      default:
        return assertNever(event);
    }
  }

  /** Prints why a task does not go on, once per reason. The states tell everything else. */
  #printTask(task: TaskView): void {
    this.#startedAtMs ??= Date.parse(task.createdAt);
    const why = whyHeld(task);
    // The sentence of a wait tells how often it was tried: it is printed once, with what people can do.
    const key = why === null ? '' : task.waiting?.remedy ? task.waiting.sentence : why;
    if (why !== null && key !== this.#lastWhy) {
      const remedy = task.waiting?.remedy ? ` ${oneLine(task.waiting.remedy)}` : '';
      this.#line(this.#paint('yellow', `Task ${task.id}: ${oneLine(why)}${remedy}`));
    }
    // A worker that is busy with the task for a moment ends no wait.
    if (why !== null || task.status !== 'PROCESSING') this.#lastWhy = key;
  }

  #printStep(step: StepView): void {
    if (isWaitingTurn(step)) return;
    this.#line(`${this.#paint('dim', this.#sinceStart(step.at))}  ${stepText(step, this.#paint)}`);
  }

  #printLog(log: LogView): void {
    if (!log.userReadable) return;
    this.#line(`${' '.repeat(11)}${logText(withoutRepeat(log, this.#written), this.#paint)}`);
  }

  #printOutput({ omittedBefore, stream, data }: OutputView): void {
    const bytes = Buffer.from(data, 'base64');
    if (omittedBefore > 0) this.#line(this.#paint('yellow', lossMark(omittedBefore, stream).trim()));
    if (bytes.length === 0) return;
    this.#out.write(bytes);
    this.#lineIsOpen = bytes.at(-1) !== 0x0a;
    this.#written[stream] = `${this.#written[stream]}${bytes.toString()}`.slice(-KEPT_CHARACTERS);
  }

  #printEnd(task: TaskView): void {
    // The detail repeats the end of the output. It is printed only when there was no output.
    if (this.#written.stdout === '' && this.#written.stderr === '') {
      for (const line of detailLines(task)) this.#line(line);
    }
    this.#line(this.#paint(isSuccess(task.exitStatus) ? 'green' : 'red', endSentence(task)));
  }

  #line(text: string): void {
    this.#out.write(`${this.#lineIsOpen ? '\n' : ''}${text}\n`);
    this.#lineIsOpen = false;
  }

  #sinceStart(at: string): string {
    const ms = Date.parse(at);
    this.#startedAtMs ??= ms;
    return formatSeconds(Math.max(0, ms - this.#startedAtMs) / 1000).padStart(9);
  }
}

function lostText(why: string): string {
  return `The connection was lost (${oneLine(why)}); trying again. The task goes on meanwhile.`;
}

function whyHeld(task: TaskView): string | null {
  // Each state of the ending has a reason of its own. That the task ends is printed once.
  const hasStarted = task.startedAt !== null;
  if (task.isTerminating && hasStarted) return 'It was asked to terminate and is being ended.';
  // Of a task that has started, states, log and output tell what it does, and its wait what somebody has to do.
  if (hasStarted && task.waiting?.remedy) return task.why;
  const isHeld = task.isPaused || (!hasStarted && (task.waitsBecause !== null || task.isTerminating));
  return isHeld ? task.why : null;
}

/**
 * A container's last words repeat output. When that output has just been printed, they are named and not printed again.
 */
function withoutRepeat(log: LogView, written: Readonly<Record<'stdout' | 'stderr', string>>): LogView {
  const lineEnd = log.message.indexOf(':\n');
  if (lineEnd === -1) return log;
  const body = log.message.slice(lineEnd + 2);
  const isSeen = body !== '' && Object.values(written).some((text) => text.endsWith(body));
  return isSeen ? { ...log, message: `${log.message.slice(0, lineEnd)}: as printed above.` } : log;
}

/** The end sentence includes the first line of a system error, so only the others are left. */
function detailLines(task: TaskView): string[] {
  const lines = visible(task.exitDetail ?? '')
    .trimEnd()
    .split('\n');
  const shown = task.exitStatus === 'ERROR_SYSTEM' ? lines.slice(1) : lines;
  return shown.join('') === '' ? [] : [indent(shown.join('\n'), '  ')];
}

/** Repeated checks of a state that waits are not printed; its entry was. */
function isWaitingTurn(step: StepView): boolean {
  return step.from === step.to && !step.executed;
}

function stepText(step: StepView, paint: Paint): string {
  const value = step.value ? `${paint(step.value === '!' ? 'red' : 'cyan', oneLine(step.value))} ` : '';
  const note = step.note ? paint('yellow', ` (${oneLine(step.note)})`) : '';
  return `${value}→ ${paint('bold', oneLine(step.to))}${note}`;
}
