import { isSuccess } from '../../../shared/model/status.ts';
import { formatSeconds } from '../../../shared/model/units.ts';
import type { TaskSummary } from '../../api/tasks/task-views.ts';
import type { CliContext } from '../cli-context.ts';
import { fitColumns, type Column } from './fit-columns.ts';
import { buildSourceText } from './build-source-text.ts';
import { alignColumns, indent, oneLine, paintFor, type Style } from './text.ts';
import { wrapTo } from './text-width.ts';

const PIPE_HEAD = ['TASK', 'STATUS', 'ENDED AS', 'GROUP', 'AGE', 'TITLE', 'WHY'];
const MAX_WHY_LINES = 2;

/**
 * Prints tasks. On a terminal each line fits its width, and why a task waits or how it failed is on dim lines of its
 * own; in a pipe each task is one line.
 */
export function writeTasks(
  tasks: readonly TaskSummary[],
  context: Pick<CliContext, 'out' | 'environment' | 'clock'>,
): void {
  const { out } = context;
  const now = context.clock.now();
  if (out.columns === undefined) {
    return out.write(alignColumns([PIPE_HEAD, ...tasks.map((task) => pipeRow(task, now))], undefined));
  }
  const paint = paintFor(out, context.environment);
  const width = out.columns;
  const { head, lines } = fitColumns(tasks, columnsAt(now), { width, paint });
  const text = tasks.map((task, index) => {
    const why = whyOf(task);
    const wrapped = why === null ? [] : wrapTo(why, width - 2, MAX_WHY_LINES);
    return [lines[index], ...wrapped.map((line) => indent(paint('dim', line), '  '))].join('\n');
  });
  out.write(`${[paint('bold', head), ...text].join('\n')}\n`);
}

function columnsAt(now: Date): readonly Column<TaskSummary>[] {
  return [
    { head: 'TASK', cell: ({ id }) => String(id), importance: 9 },
    { head: 'STATUS', cell: statusText, importance: 8, style: statusStyle },
    { head: 'AGE', cell: ({ createdAt }) => ageText(createdAt, now), importance: 6 },
    { head: 'TOOK', cell: (task) => tookText(task, now), importance: 4 },
    { head: 'GROUP', cell: ({ group }) => oneLine(group), importance: 5, leastWidth: 10 },
    { head: 'BY', cell: ({ createdBy }) => oneLine(createdBy ?? '-'), importance: 1, leastWidth: 8 },
    { head: 'SOURCE', cell: ({ source }) => (source ? buildSourceText(source) : '-'), importance: 3, leastWidth: 16 },
    { head: 'TITLE', cell: ({ title }) => oneLine(title), importance: 7, leastWidth: 12 },
  ];
}

/** A task that succeeded needs no reason: its status says it. */
function whyOf(task: TaskSummary): string | null {
  return task.status === 'COMPLETE' && task.exitStatus === 'COMPLETED' ? null : oneLine(task.why);
}

function statusText({ status, exitStatus, isPaused }: TaskSummary): string {
  if (status === 'COMPLETE') return exitStatus;
  return isPaused ? 'paused' : status;
}

function statusStyle({ status, exitStatus, isPaused }: TaskSummary): Style | undefined {
  if (status !== 'COMPLETE') return isPaused ? 'yellow' : 'cyan';
  return isSuccess(exitStatus) ? 'green' : 'red';
}

function ageText(createdAt: string, now: Date): string {
  return formatSeconds(Math.max(0, now.getTime() - Date.parse(createdAt)) / 1000);
}

function tookText({ startedAt, completedAt }: TaskSummary, now: Date): string {
  if (startedAt === null) return '-';
  const endMs = completedAt === null ? now.getTime() : Date.parse(completedAt);
  return formatSeconds(Math.max(0, endMs - Date.parse(startedAt)) / 1000);
}

function pipeRow(task: TaskSummary, now: Date): string[] {
  const status = task.isPaused && task.status !== 'COMPLETE' ? `${task.status} (paused)` : task.status;
  const ended = task.status === 'COMPLETE' ? task.exitStatus : '-';
  const { id, group, createdAt, title, why } = task;
  return [String(id), status, ended, oneLine(group), ageText(createdAt, now), oneLine(title), oneLine(why)];
}
