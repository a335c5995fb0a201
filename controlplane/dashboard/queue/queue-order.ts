import type { TaskSummary } from '../../api/tasks/task-views.ts';

const RANKS: Readonly<Record<TaskSummary['priority'], number>> = { CRITICAL: 0, HIGH: 1, MEDIUM: 2, LOW: 3 };

/** In the order in which tasks of a group start: those that were put first, then by priority, then by age. */
export function inQueueOrder(tasks: readonly TaskSummary[]): TaskSummary[] {
  const rank = (task: TaskSummary): number => (task.isPrioritised ? -1 : RANKS[task.priority]);
  return [...tasks].sort((a, b) => rank(a) - rank(b) || a.id - b.id);
}

/** Splits a reason at the task that it names, so that a page can link to it. */
export function splitReason(reason: string): {
  readonly before: string;
  readonly taskId: number | null;
  readonly after: string;
} {
  const [whole, word = '', id] = /\b(task) (\d+)\b/i.exec(reason) ?? [];
  if (whole === undefined || id === undefined) return { before: reason, taskId: null, after: '' };
  const at = reason.indexOf(whole);
  return { before: reason.slice(0, at) + word + ' ', taskId: Number(id), after: reason.slice(at + whole.length) };
}
