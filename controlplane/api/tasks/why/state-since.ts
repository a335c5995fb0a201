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
 * Returns the time of the task's last change of state: of its end, of its entry into its state, or, in the queue, its wake time.
 * The wake time is set when a task is added or restarted, and a node starts it at that time or later. `entered`: when it entered
 * its state; null before its first state.
 */
export function stateSinceOf(task: TimedTask, entered: Date | null): Date {
  if (task.completedAt) return task.completedAt;
  if (waitsForSlot(task)) return task.wakeAt;
  return entered ?? task.startedAt ?? task.createdAt;
}
