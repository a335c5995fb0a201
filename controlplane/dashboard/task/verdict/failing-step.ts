import type { TaskView } from '../../../api/tasks/task-views.ts';
import type { FailedStepView } from '../../../api/tasks/build/build-views.ts';
import { plainText } from '../output/output-rows.ts';
import type { OutputLines } from '../output/output-lines.ts';
import { DID_NOT_END } from '../section-end.ts';

const LAST_LINES = 20;

export interface LastLines {
  /** Index of the first in the output; null when the lines come from the end that the task keeps. */
  readonly from: number | null;
  readonly lines: readonly string[];
}

/** The last lines of the step that failed; of a task without steps, the end of its output. */
export function lastLines(output: OutputLines, task: TaskView): LastLines {
  const failed = output.sections.findLast(({ outcome }) => outcome === 'failed') ?? output.sections.at(-1);
  const range = failed ? output.linesOf(failed) : { from: 0, to: output.count };
  if (range.to === range.from) {
    const kept = task.exitDetail?.trimEnd().split('\n').slice(-LAST_LINES) ?? [];
    return { from: null, lines: kept.map(plainText) };
  }
  const from = Math.max(range.from, range.to - LAST_LINES);
  return { from, lines: output.texts.slice(from, range.to).map(plainText) };
}

/** A text for a chat or an issue. */
export function reportOf(task: TaskView, step: FailedStepView | null, last: LastLines, address: string): string {
  return [
    `Task ${task.id} failed: ${task.title}`,
    task.why,
    ...(step ? [failedStepText(step, task.steps)] : []),
    '',
    ...last.lines.map((line) => `    ${line}`),
    '',
    address,
  ].join('\n');
}

/** The step that failed, on one line, its command as Markdown has code. */
export function failedStepText(step: FailedStepView, steps: TaskView['steps'] = []): string {
  return describeStep(step, steps)
    .map(({ text, isCode }) => (isCode ? `\`${text}\`` : text))
    .join(', ');
}

/** A part of a description; `isCode`: a command. */
export interface FailedStepPart {
  readonly text: string;
  readonly isCode: boolean;
}

/** The step that failed, in parts to be separated by commas. */
export function describeStep(step: FailedStepView, steps: TaskView['steps']): FailedStepPart[] {
  const { event, number, of, name, line, command, exitCode } = step;
  const isLost = steps.some((one) => one.event === event && one.number === number && one.outcome === 'lost');
  const words = (text: string): FailedStepPart => ({ text, isCode: false });
  return [
    words(of === null ? `Step ${name}` : `Step ${number} of ${of}: ${name}`),
    ...(line === null ? [] : [words(`line ${line} of the build file`)]),
    ...(command === null ? [] : [{ text: command, isCode: true }]),
    ...(exitCode === null ? [] : [words(`exit code ${exitCode}`)]),
    ...(isLost ? [words(DID_NOT_END)] : []),
  ];
}
