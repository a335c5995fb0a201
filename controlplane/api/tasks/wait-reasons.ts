import { PLAIN_WAIT } from '../../containers/wait-reason.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { TASK_STATUS } from '../../../shared/model/status.ts';
import { readPauses, type Pauses } from '../../store/control/pauses.ts';
import { readMaintenance, type Maintenance } from '../../store/operation/maintenance.ts';
import type { Db } from '../../store/schema.ts';
import { readGroupRooms, type GroupState } from '../../store/settings/groups.ts';
import { findWorkHolders, type ListedTask } from '../../store/tasks/read-tasks.ts';
import type { WaitingFacts } from './why.ts';

/** Everything outside of a task that can keep it waiting. */
export interface QueueFacts {
  readonly pauses: Pauses;
  /** Null: none is on. */
  readonly maintenance: Pick<Maintenance, 'reason'> | null;
  readonly groups: readonly Pick<GroupState, 'name' | 'running' | 'maxRunning'>[];
  /** Work id → the started task that holds it. */
  readonly workHolders: ReadonlyMap<string, TaskId>;
}

type WaitingTask = Pick<
  ListedTask,
  'id' | 'status' | 'groupName' | 'workId' | 'waitsFor' | 'waitReason' | 'slot' | 'startsAfterMaintenance'
>;

/**
 * Returns for each task why it waits; null for a task that does not wait, or that lacks only a worker. One read of each
 * fact serves all tasks of a page.
 */
export async function findWaitReasons(
  db: Db,
  tasks: readonly WaitingTask[],
): Promise<ReadonlyMap<TaskId, WaitingFacts | null>> {
  const queued = tasks.filter(isQueued);
  const [pauses, maintenance, groups, workHolders] = await Promise.all([
    readPauses(db),
    queued.some(({ startsAfterMaintenance }) => startsAfterMaintenance) ? readMaintenance(db) : null,
    queued.length === 0 ? [] : readGroupRooms(db, [...new Set(queued.map(({ groupName }) => groupName))]),
    findWorkHolders(
      db,
      queued.map(({ workId }) => workId),
    ),
  ]);
  return new Map(tasks.map((task) => [task.id, decideWaiting(task, { pauses, maintenance, groups, workHolders })]));
}

/** Decides why one task waits. */
export function decideWaiting(task: WaitingTask, facts: QueueFacts): WaitingFacts | null {
  const held = isQueued(task) ? holdOfQueue(task, facts) : holdOfStarted(task, facts);
  if (held) return { ...UNKNOWN_DETAILS, ...held };
  if (task.status !== TASK_STATUS.WAITING || task.waitsFor === null) return null;
  // A node of an earlier version writes the clause alone, and leaves the reason of an earlier wait.
  const { waitReason: reason, waitsFor: clause } = task;
  return reason?.clause === clause ? { ...reason } : { ...UNKNOWN_DETAILS, code: PLAIN_WAIT, clause };
}

const UNKNOWN_DETAILS = { since: null, last: null, count: null, until: null, remedy: null, evidence: [] } as const;

interface Hold {
  readonly code: string;
  readonly clause: string;
}

function holdOfQueue(task: WaitingTask, { pauses, maintenance, groups, workHolders }: QueueFacts): Hold | null {
  if (pauses.global) return { code: 'all-paused', clause: 'all tasks are paused' };
  if (Object.hasOwn(pauses.groups, task.groupName)) {
    return { code: 'group-paused', clause: `its group ${task.groupName} is paused` };
  }
  if (task.startsAfterMaintenance && maintenance) {
    return {
      code: 'maintenance',
      clause: `it came during a maintenance${inBrackets(maintenance.reason)} and starts after it`,
    };
  }
  const holder = workHolders.get(task.workId);
  if (holder !== undefined && holder !== task.id) {
    return { code: 'target-in-use', clause: `task ${holder} works on the same target` };
  }
  const group = groups.find(({ name }) => name === task.groupName);
  if (!group || group.running < group.maxRunning) return null;
  const clause = `its group ${task.groupName} already runs ${group.running} of ${group.maxRunning} tasks`;
  return { code: 'group-full', clause };
}

export function inBrackets(reason: string | null): string {
  return reason === null ? '' : ` (${reason})`;
}

/** A soft pause lets started tasks go on; a hard one holds them too. */
function holdOfStarted(task: WaitingTask, { pauses }: QueueFacts): Hold | null {
  if (task.status !== TASK_STATUS.WAITING) return null;
  if (pauses.global === 'hard') {
    return { code: 'all-paused', clause: 'all tasks are paused, also those that have started' };
  }
  if (pauses.groups[task.groupName] !== 'hard') return null;
  const clause = `its group ${task.groupName} is paused, also its tasks that have started`;
  return { code: 'group-paused', clause };
}

function isQueued({ status }: Pick<WaitingTask, 'status'>): boolean {
  return status === TASK_STATUS.NOT_STARTED || status === TASK_STATUS.RESTARTED;
}
