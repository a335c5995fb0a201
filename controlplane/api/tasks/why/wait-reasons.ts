import { isTry, PLAIN_WAIT, PROCESS_RUNNING } from '../../../containers/wait-reason.ts';
import type { TaskId } from '../../../../shared/model/ids.ts';
import { TASK_STATUS } from '../../../../shared/model/status.ts';
import { readPauses, type Pauses } from '../../../store/control/pauses.ts';
import { readMaintenance, type Maintenance } from '../../../store/operation/maintenance.ts';
import type { Db } from '../../../store/schema.ts';
import { readLivingClasses } from '../../../store/settings/node-classes.ts';
import { readGroupRooms, type GroupState } from '../../../store/settings/groups.ts';
import { findStartedParents, findWorkHolders, readNow, type ListedTask } from '../../../store/tasks/read-tasks.ts';
import { CLASSLESS_END, missingClass, MISSING_CLASS_REMEDY } from './missing-class.ts';
import type { LivingClasses } from '../../../tasks/checks/class-versions.ts';
import { gatesAsked, waitsForSlot, type GatesAsked } from './gates-asked.ts';
import type { WaitingFacts } from './why.ts';

/** Everything outside of a task that can keep it waiting. */
export interface QueueFacts {
  readonly pauses: Pauses;
  /** Null: none is on. */
  readonly maintenance: Pick<Maintenance, 'reason'> | null;
  readonly groups: readonly Pick<GroupState, 'name' | 'running' | 'maxRunning'>[];
  /** Work id → the started task that holds it. */
  readonly workHolders: ReadonlyMap<string, TaskId>;
  /** The parents of the tasks that have started and not ended. */
  readonly startedParents: ReadonlySet<TaskId>;
  /** The classes that living nodes have. */
  readonly classes: LivingClasses;
  /** By the database. */
  readonly now: Date;
}

type WaitingTask = Pick<
  ListedTask,
  | 'id'
  | 'status'
  | 'kind'
  | 'classVersion'
  | 'groupName'
  | 'workId'
  | 'parentId'
  | 'terminateRequestedAt'
  | 'waitsFor'
  | 'waitReason'
  | 'slot'
  | 'owner'
  | 'leaseUntil'
  | 'startsAfterMaintenance'
>;

/**
 * Returns for each task why it waits; null for a task that does not wait, or that lacks only a worker. A task whose node
 * was lost waits for another one. One read of each fact serves all tasks of a page.
 */
export async function findWaitReasons(
  db: Db,
  tasks: readonly WaitingTask[],
): Promise<ReadonlyMap<TaskId, WaitingFacts | null>> {
  const queued = tasks.filter(waitsForSlot);
  const isStepped = tasks.some(({ status }) => status === TASK_STATUS.PROCESSING);
  const [pauses, maintenance, groups, workHolders, startedParents, classes, now] = await Promise.all([
    readPauses(db),
    queued.some(({ startsAfterMaintenance }) => startsAfterMaintenance) ? readMaintenance(db) : null,
    queued.length === 0 ? [] : readGroupRooms(db, [...new Set(queued.map(({ groupName }) => groupName))]),
    findWorkHolders(
      db,
      queued.map(({ workId }) => workId),
    ),
    findStartedParents(
      db,
      queued.flatMap(({ parentId }) => parentId ?? []),
    ),
    tasks.every(({ status }) => status === TASK_STATUS.COMPLETE) ? null : readLivingClasses(db),
    isStepped ? readNow(db) : new Date(0),
  ]);
  const facts = { pauses, maintenance, groups, workHolders, startedParents, classes, now };
  return new Map(tasks.map((task) => [task.id, decideWaiting(task, facts)]));
}

/** Decides why one task waits. */
export function decideWaiting(task: WaitingTask, facts: QueueFacts): WaitingFacts | null {
  const held = holdOf(task, facts);
  if (held) return { ...UNKNOWN_DETAILS, ...held, evidence: worksMeanwhile(task) ? [WORKS_MEANWHILE] : [] };
  if (task.status !== TASK_STATUS.WAITING || task.waitsFor === null) return null;
  // A node of an earlier version writes the clause alone, and leaves the reason of an earlier wait.
  const { waitReason: reason, waitsFor: clause } = task;
  if (reason?.clause !== clause) return { ...UNKNOWN_DETAILS, code: PLAIN_WAIT, clause };
  return isTry(reason) ? { ...reason } : { ...reason, last: null, count: null };
}

const WORKS_MEANWHILE = 'its process in the container runs on meanwhile';

/**
 * Returns whether work goes on during a pause. A pause holds back only the next state of a task; the work that the current state
 * started continues.
 */
function worksMeanwhile({ waitReason, waitsFor }: WaitingTask): boolean {
  return waitReason?.code === PROCESS_RUNNING && waitReason.clause === waitsFor;
}

const UNKNOWN_DETAILS = { since: null, last: null, count: null, until: null, remedy: null, evidence: [] } as const;

interface Hold {
  readonly code: string;
  readonly clause: string;
  readonly remedy?: string;
}

/** Returns the first closed gate; the task's own pause is not considered. Null: no gate holds the task. */
function holdOf(task: WaitingTask, facts: QueueFacts): Hold | null {
  const isQueued = waitsForSlot(task);
  const lost = lostOf(task, facts);
  if (!isQueued && !lost && !RESTING.has(task.status)) return null;
  const isChild = task.parentId !== null && facts.startedParents.has(task.parentId);
  const asked = gatesAsked({ ...task, isTerminating: task.terminateRequestedAt !== null, isChild });
  return (
    pauseOf(task, { ...asked, hasStarted: !isQueued }, facts) ??
    classOf(task, facts) ??
    (asked.maintenance ? maintenanceOf(facts) : null) ??
    (asked.target ? targetOf(task, facts) : null) ??
    (asked.slot ? slotOf(task, facts) : null) ??
    lost
  );
}

/** Statuses of tasks that nobody steps now. */
const RESTING: ReadonlySet<number> = new Set([TASK_STATUS.NOT_STARTED, TASK_STATUS.RESTARTED, TASK_STATUS.WAITING]);

/**
 * Returns the reason for a task whose node's lease has run out; null for any other. A living node renews its leases, and another
 * node takes the task over within seconds.
 */
function lostOf({ status, owner, leaseUntil }: WaitingTask, { now }: QueueFacts): Hold | null {
  if (status !== TASK_STATUS.PROCESSING || leaseUntil === null || leaseUntil > now) return null;
  const node = owner === null ? 'a node' : `its node ${owner}`;
  const clause = `the lease of ${node} ended at ${leaseUntil.toISOString().slice(0, 19)}Z, and no other node has taken it over`;
  return { code: 'node-lost', clause };
}

function pauseOf(
  { groupName }: WaitingTask,
  { pauses: holding, hasStarted }: Pick<GatesAsked, 'pauses'> & { readonly hasStarted: boolean },
  { pauses }: QueueFacts,
): Hold | null {
  const holds = (pause: 'soft' | 'hard' | null | undefined): boolean =>
    pause === 'hard' || (pause === 'soft' && holding === 'soft and hard');
  if (holds(pauses.global)) {
    return { code: 'all-paused', clause: `all tasks are paused${hasStarted ? ', also those that have started' : ''}` };
  }
  if (!holds(Object.hasOwn(pauses.groups, groupName) ? pauses.groups[groupName] : null)) return null;
  const clause = `its group ${groupName} is paused${hasStarted ? ', also its tasks that have started' : ''}`;
  return { code: 'group-paused', clause };
}

function classOf(task: WaitingTask, { classes }: QueueFacts): Hold | null {
  const clause = missingClass(task, classes);
  if (clause === null) return null;
  const remedy = task.terminateRequestedAt === null ? MISSING_CLASS_REMEDY : CLASSLESS_END;
  return { code: 'class-missing', clause, remedy };
}

function maintenanceOf({ maintenance }: QueueFacts): Hold | null {
  if (!maintenance) return null;
  const clause = `it came during a maintenance${inBrackets(maintenance.reason)} and starts after it`;
  return { code: 'maintenance', clause };
}

function targetOf(task: WaitingTask, { workHolders }: QueueFacts): Hold | null {
  const holder = workHolders.get(task.workId);
  if (holder === undefined || holder === task.id) return null;
  return { code: 'target-in-use', clause: `task ${holder} works on the same target` };
}

function slotOf({ groupName }: WaitingTask, { groups }: QueueFacts): Hold | null {
  const group = groups.find(({ name }) => name === groupName);
  if (!group || group.running < group.maxRunning) return null;
  const clause =
    group.maxRunning === 0
      ? `its group ${groupName} starts no tasks: its limit is 0`
      : `its group ${groupName} already runs ${group.running} of ${group.maxRunning} tasks`;
  return { code: 'group-full', clause };
}

export function inBrackets(reason: string | null): string {
  return reason === null ? '' : ` (${reason})`;
}
