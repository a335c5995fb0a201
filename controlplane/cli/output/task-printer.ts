import { assertNever } from '../../../shared/model/assert-never.ts';
import { isSuccess } from '../../../shared/model/status.ts';
import { formatSeconds } from '../../../shared/model/units.ts';
import type { LogView, OutputView, StepView } from '../../api/tasks/recording/task-recording-views.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import { gateOf } from '../../api/tasks/why/why.ts';
import type { TaskEvent } from '../client/watch-event.ts';
import type { Sink } from '../cli-context.ts';
import type { PieceSelection } from '../logs/select-pieces.ts';
import { LiveLine } from './live-line.ts';
import { logText } from './log-text.ts';
import { pieceOf, type WrittenPiece } from './written-piece.ts';
import { AS_WRITTEN, OutputWriter, type OutputForm } from './output-writer.ts';
import { progressText } from './progress-text.ts';
import { StepTails } from './step-tails.ts';
import { endSentence } from './task-end-sentence.ts';
import { indent, oneLine, visible, type Paint, type Style } from './text.ts';
import { wrapWithin } from './wrap-text.ts';

// The log keeps no more of a stream's end than this (tasks/container/last-words.ts), so no more is needed to recognise a repeat.
const KEPT_CHARACTERS = 16 * 1024;

export interface PrinterOptions {
  /** `folded`: one live line at the bottom of the terminal says what the task does, and no state is printed. */
  readonly states: 'listed' | 'folded';
  readonly form?: OutputForm;
  /** Which output is printed; undefined: all of it. */
  readonly selection?: PieceSelection | undefined;
  /** Printed after the sentence about the end, such as a hint at further information. */
  readonly farewell?: string | undefined;
}

/** Prints the events of one task, in their order, for a person. */
export class TaskPrinter {
  readonly #out: Sink;
  readonly #paint: Paint;
  readonly #options: PrinterOptions;
  readonly #writer: OutputWriter;
  readonly #live: LiveLine | undefined;
  readonly #tails = new StepTails();
  #task: TaskView | undefined;
  #startedAtMs: number | undefined;
  #lastWhy = '';
  /** The end of what each stream has printed. */
  readonly #written = { stdout: '', stderr: '' };

  constructor(out: Sink, paint: Paint, options: PrinterOptions) {
    this.#out = out;
    this.#paint = paint;
    this.#options = options;
    this.#writer = new OutputWriter(out, options.form ?? AS_WRITTEN);
    this.#live = options.states === 'folded' ? new LiveLine(out, paint) : undefined;
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
        return this.#sentence('yellow', lostText(event.why));
      case 'end':
        return this.#printEnd(event.task);
      default:
        return assertNever(event);
    }
  }

  /** Redraws the live line if there is one and no line of output is open. */
  tick(now: Date): void {
    if (!this.#live || !this.#task || this.#writer.isLineOpen) return;
    this.#live.draw(`Task ${this.#task.id}: ${progressText(this.#task, now)}`);
  }

  /** Removes the live line, so that other code can print. */
  pause(): void {
    this.#live?.clear();
  }

  /** Prints why a task does not go on, once per reason. Everything else is visible in the states. */
  #printTask(task: TaskView): void {
    this.#task = task;
    this.#startedAtMs ??= Date.parse(task.createdAt);
    const why = whyHeld(task);
    // The sentence of a retried wait changes with each attempt, so the wait is recognised by its fixed sentence and printed once,
    // with its remedy.
    const key = why === null ? '' : task.waiting?.remedy ? task.waiting.sentence : why;
    if (why !== null && key !== this.#lastWhy) {
      const remedy = task.waiting?.remedy ? ` ${oneLine(task.waiting.remedy)}` : '';
      this.#sentence('yellow', `Task ${task.id}: ${oneLine(why)}${remedy}`);
    }
    // A task that is being processed for a moment is still in the same wait.
    if (why !== null || task.status !== 'PROCESSING') this.#lastWhy = key;
  }

  #printStep(step: StepView): void {
    if (this.#options.states === 'folded' || isWaitingTurn(step)) return;
    this.#line(`${this.#paint('dim', this.#sinceStart(step.at))}  ${stepText(step, this.#paint)}`);
  }

  #printLog(log: LogView): void {
    if (!log.userReadable) return;
    const margin = this.#options.states === 'folded' ? '' : ' '.repeat(11);
    this.#line(`${margin}${logText(withoutRepeat(log, this.#written), this.#paint)}`);
  }

  #printOutput(view: OutputView): void {
    const piece = pieceOf(view);
    for (const wanted of this.#options.selection?.take(piece) ?? [piece]) this.#write(wanted);
  }

  #write(piece: WrittenPiece): void {
    const { stream, data } = piece;
    this.pause();
    this.#writer.write(piece);
    this.#tails.add(piece);
    this.#written[stream] = `${this.#written[stream]}${data.toString()}`.slice(-KEPT_CHARACTERS);
  }

  #printEnd(task: TaskView): void {
    for (const piece of this.#options.selection?.end() ?? []) this.#write(piece);
    this.pause();
    this.#writer.end();
    for (const line of this.#linesBeforeEnd(task)) this.#line(line);
    this.#sentence(isSuccess(task.exitStatus) ? 'green' : 'red', endSentence(task));
    if (this.#options.farewell !== undefined) this.#line(this.#options.farewell);
  }

  /** Returns the lines that explain a failure, except those that were just printed. */
  #linesBeforeEnd(task: TaskView): string[] {
    // The detail repeats the end of the output. It is printed only when there was no output.
    if (this.#written.stdout === '' && this.#written.stderr === '') return detailLines(task);
    const { failedStep } = task;
    const tail = failedStep && this.#tails.hiddenTailOf(failedStep);
    if (!failedStep || !tail) return [];
    return [`The last lines of the step "${oneLine(failedStep.name)}" were:`, indent(visible(tail), '  ')];
  }

  /** Prints a sentence wrapped at the width of the terminal, which would otherwise break words. */
  #sentence(style: Style, text: string): void {
    this.#line(this.#paint(style, wrapWithin(text, this.#out.columns, 0)));
  }

  #line(text: string): void {
    this.pause();
    this.#writer.writeLine(text);
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
  // The states at the end of a task have different reasons, but the fact that it ends is printed only once.
  const hasStarted = task.startedAt !== null;
  if (task.isTerminating && gateOf(task) !== null) return task.why;
  if (task.isTerminating && hasStarted) return 'It was asked to terminate and is being ended.';
  // For a started task only a wait that needs an action is printed: its states, log and output show the rest.
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
export function isWaitingTurn(step: StepView): boolean {
  return step.from === step.to && !step.executed;
}

export function stepText(step: StepView, paint: Paint): string {
  const value = step.value ? `${paint(step.value === '!' ? 'red' : 'cyan', oneLine(step.value))} ` : '';
  const note = step.note ? paint('yellow', ` (${oneLine(step.note)})`) : '';
  return `${value}→ ${paint('bold', oneLine(step.to))}${note}`;
}
