import type { GroupQueueView, QueuedView } from '../../api/queue/queue-views.ts';
import type { TaskSummary } from '../../api/tasks/task-views.ts';

const RANKS: Readonly<Record<TaskSummary['priority'], number>> = { CRITICAL: 0, HIGH: 1, MEDIUM: 2, LOW: 3 };

/** As tasks of a group start: those that were put first, then by priority, then by age. One that is not released does not start. */
export function byQueueOrder(a: TaskSummary, b: TaskSummary): number {
  const [one, other] = [rankOf(a), rankOf(b)];
  return one === other ? a.id - b.id : one - other;
}

function rankOf({ status, isPrioritised, priority }: TaskSummary): number {
  if (status === 'NOT_READY') return Infinity;
  return isPrioritised ? -1 : RANKS[priority];
}

export function inQueueOrder(tasks: readonly TaskSummary[]): TaskSummary[] {
  return [...tasks].sort(byQueueOrder);
}

/** What sets a task apart in its queue; null: its priority is the usual one. */
export function rankWord({ isPrioritised, priority }: Pick<TaskSummary, 'isPrioritised' | 'priority'>): string | null {
  if (isPrioritised) return 'first of its queue';
  return priority === 'MEDIUM' ? null : `${priority.toLowerCase()} priority`;
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

export interface QueueRow {
  /** From 1. */
  readonly position: number;
  readonly task: TaskSummary;
}

/**
 * A few rows of a queue with this task among them, counted from its own position: of a long queue `tasks` are the newest only.
 * None while the task is not among `tasks`.
 */
export function rowsAround(
  tasks: readonly TaskSummary[],
  { id, position }: { readonly id: number; readonly position: number },
  most: number,
): QueueRow[] {
  const at = tasks.findIndex((task) => task.id === id);
  if (at < 0) return [];
  const from = Math.max(0, Math.min(at - Math.floor(most / 2), tasks.length - most));
  return tasks.slice(from, from + most).map((task, index) => ({ position: position + from + index - at, task }));
}

/** A row of the queue of a group. */
export interface GroupRow {
  readonly task: TaskSummary;
  /** Null: it has none, such as a task that was not released, or it is not known yet. */
  readonly queued: QueuedView | null;
}

/** The rows of a group: its queue as the server has it, then what waits outside of it. `listed`: tasks of the list, of which some may have started meanwhile. */
export function rowsOfGroup(queue: GroupQueueView | null, listed: readonly TaskSummary[], most: number): GroupRow[] {
  const queued = queue?.queued ?? [];
  const known = new Set(queued.map(({ task }) => task.id));
  const rows = queued.map((one): GroupRow => ({ task: one.task, queued: one }));
  // The list does not hold all of a long queue: none of it may stand as if it came next.
  const isWhole = queue === null || queue.of <= queued.length;
  const others = listed.filter(({ id, status }) => !known.has(id) && (isWhole || status === 'NOT_READY'));
  return [...rows, ...others.map((task): GroupRow => ({ task, queued: null }))].slice(0, most);
}
