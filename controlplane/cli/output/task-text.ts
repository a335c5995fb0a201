import type { TaskView } from '../../api/tasks/task-views.ts';
import { PlainText } from './plain-text.ts';
import { taskFields, type Field, type KnownTask } from './task-fields.ts';
import { indent, oneLine, type Paint } from './text.ts';
import { wrapWithin } from './wrap-text.ts';

interface Screen {
  readonly now: Date;
  /** Width of the terminal; undefined where there is none. */
  readonly columns: number | undefined;
  readonly paint: Paint;
}

/** Everything that people want to know of a task, on several lines. */
export function taskText(known: KnownTask, screen: Screen): string {
  const { task } = known;
  const title = screen.paint('bold', `Task ${task.id}: ${oneLine(task.title)}`);
  return `${title}\n${fieldLines(taskFields(known, screen.now), screen)}${detailText(task, screen)}`;
}

/** Returns labels with their lines, wrapped at the width of a terminal. */
function fieldLines(fields: readonly Field[], { columns, paint }: Screen): string {
  const width = Math.max(...fields.map(([label]) => label.length));
  return fields
    .flatMap(([label, lines]) =>
      lines.map((line, index) => {
        const shown = (index === 0 ? label : '').padEnd(width);
        return `  ${paint('dim', shown)}  ${wrapWithin(line, columns, width + 4)}\n`;
      }),
    )
    .join('');
}

/** Lines of the detail that are shown: a screen still has the sentence above them (chosen). */
const MAX_DETAIL_LINES = 40;

/**
 * Returns the detail of the end without characters that could change the screen. Of the output of a build only the last
 * lines, which say most about its end.
 */
function detailText({ id, exitDetail }: TaskView, { paint }: Screen): string {
  if (!exitDetail) return '';
  const plain = new PlainText();
  const text = `${plain.push(Buffer.from(exitDetail))}${plain.end()}`.trim();
  if (text === '') return '';
  const lines = text.split('\n');
  const left = lines.length - MAX_DETAIL_LINES;
  const shown = left > 1 ? lines.slice(-MAX_DETAIL_LINES).join('\n') : text;
  const label =
    left > 1
      ? `Detail, the last ${MAX_DETAIL_LINES} of ${lines.length} lines (all: wipctl show ${id} --json)`
      : 'Detail';
  return `  ${paint('dim', label)}\n${indent(shown, '    ')}\n`;
}
