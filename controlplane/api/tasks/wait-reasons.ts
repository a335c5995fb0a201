import type { TaskId } from '../../../shared/model/ids.ts';
import { TASK_STATUS } from '../../../shared/model/status.ts';
import { readPauses, type Pauses } from '../../store/control/pauses.ts';
import type { Db } from '../../store/schema.ts';
import { listGroups, type GroupState } from '../../store/settings/groups.ts';
import { findWorkHolders, type ListedTask } from '../../store/tasks/read-tasks.ts';

/** Everything outside of a task that can keep it waiting. */
export interface QueueFacts {
  readonly pauses: Pauses;
  readonly groups: readonly Pick<GroupState, 'name' | 'running' | 'maxRunning'>[];
  /** Work id → the started task that holds it. */
  readonly workHolders: ReadonlyMap<string, TaskId>;
}

type WaitingTask = Pick<ListedTask, 'id' | 'status' | 'groupName' | 'workId' | 'waitsFor' | 'slot'>;

/**
 * Returns for each task a clause that completes "It waits because …"; null for a task that does not wait, or that lacks
 * only a worker. One read of each fact serves all tasks of a page.
 */
export async function findWaitReasons(
  db: Db,
  tasks: readonly WaitingTask[],
): Promise<ReadonlyMap<TaskId, string | null>> {
  const queued = tasks.filter(isQueued);
  const [pauses, groups, workHolders] = await Promise.all([
    readPauses(db),
    queued.length === 0 ? [] : listGroups(db),
    findWorkHolders(
      db,
      queued.map(({ workId }) => workId),
    ),
  ]);
  return new Map(tasks.map((task) => [task.id, decideWaitReason(task, { pauses, groups, workHolders })]));
}

/** Decides the clause for one task. */
export function decideWaitReason(task: WaitingTask, { pauses, groups, workHolders }: QueueFacts): string | null {
  if (isQueued(task)) {
    if (pauses.global) return 'all tasks are paused';
    if (Object.hasOwn(pauses.groups, task.groupName)) return `its group ${task.groupName} is paused`;
    const holder = workHolders.get(task.workId);
    if (holder !== undefined && holder !== task.id) return `task ${holder} works on the same target`;
    const group = groups.find(({ name }) => name === task.groupName);
    if (!group || group.running < group.maxRunning) return null;
    return `its group ${task.groupName} already runs ${group.running} of ${group.maxRunning} tasks`;
  }
  if (task.status !== TASK_STATUS.WAITING) return null;
  // A soft pause lets started tasks go on; a hard one holds them too.
  if (pauses.global === 'hard') return 'all tasks are paused, also those that have started';
  if (pauses.groups[task.groupName] === 'hard') {
    return `its group ${task.groupName} is paused, also its tasks that have started`;
  }
  return task.waitsFor;
}

function isQueued({ status }: Pick<WaitingTask, 'status'>): boolean {
  return status === TASK_STATUS.NOT_STARTED || status === TASK_STATUS.RESTARTED;
}
