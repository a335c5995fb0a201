import { waitsForSlot } from './gates-asked.ts';

interface TimedTask {
  readonly status: number;
  readonly slot: string;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  readonly wakeAt: Date;
}

/**
 * Returns since when the task is what it is. In the queue that is its wake time: it is set when a task is added and when it
 * is restarted, and a node starts it at that time or later. `entered`: when it entered its state; null before its first.
 */
export function stateSinceOf(task: TimedTask, entered: Date | null): Date {
  if (task.completedAt) return task.completedAt;
  if (waitsForSlot(task)) return task.wakeAt;
  return entered ?? task.startedAt ?? task.createdAt;
}
