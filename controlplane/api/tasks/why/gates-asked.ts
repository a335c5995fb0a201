import { TASK_STATUS } from '../../../../shared/model/status.ts';

/** The facts that decide which gates a task has to pass. */
export interface GatedTask {
  readonly status: number;
  /** `none` before it holds one. */
  readonly slot: string;
  /** Whether the task was asked to end. */
  readonly isTerminating: boolean;
  /** Whether it is the child of a task that has started and not ended. */
  readonly isChild: boolean;
  /** Whether it was added during a maintenance. */
  readonly startsAfterMaintenance: boolean;
}

/** The gates that can hold a task back. */
export interface GatesAsked {
  readonly ownPause: boolean;
  /** Which pauses, of everything and of its group, hold the task: a soft pause lets started tasks go on. */
  readonly pauses: 'soft and hard' | 'hard';
  readonly maintenance: boolean;
  readonly target: boolean;
  readonly slot: boolean;
}

const HARD_PAUSES: GatesAsked = { ownPause: false, pauses: 'hard', maintenance: false, target: false, slot: false };

/**
 * Returns the gates as claims ask them (store/tasks/queue.ts, startable.ts, admit-tasks.ts): a task that is to end passes all but
 * hard pauses, and a child starts in the slot of its parent.
 */
export function gatesAsked(task: GatedTask): GatesAsked {
  if (task.isTerminating) return HARD_PAUSES;
  if (!waitsForSlot(task)) return { ...HARD_PAUSES, ownPause: true };
  if (task.isChild) return { ...HARD_PAUSES, ownPause: true, target: true };
  const { startsAfterMaintenance: maintenance } = task;
  return { ownPause: true, pauses: 'soft and hard', maintenance, target: true, slot: true };
}

/** A task that was restarted before its end keeps its slot, and is not queued. */
export function waitsForSlot({ status, slot }: Pick<GatedTask, 'status' | 'slot'>): boolean {
  return slot === 'none' && (status === TASK_STATUS.NOT_STARTED || status === TASK_STATUS.RESTARTED);
}
