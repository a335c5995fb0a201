import type { TaskId } from '../../../shared/model/ids.ts';
import { TASK_STATUS } from '../../../shared/model/status.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { readPauseOrigins } from '../../store/control/pause-origins.ts';
import { readPauses } from '../../store/control/pauses.ts';
import type { Db, TaskRow } from '../../store/schema.ts';
import { readLivingClasses } from '../../store/settings/node-classes.ts';
import { listGroups } from '../../store/settings/groups.ts';
import { readMaintenance } from '../../store/operation/maintenance.ts';
import {
  countQueued,
  findTargetHolder,
  listQueueHead,
  listSlotHolders,
  listTargetHolders,
  readQueuePosition,
} from '../../store/tasks/queue-positions.ts';
import { findStartedParents, findTask } from '../../store/tasks/read-tasks.ts';
import type { GroupTimesService } from '../groups/group-times-service.ts';
import { waitsForSlot } from '../tasks/why/gates-asked.ts';
import { decideGates, type GateFacts } from './decide-gates.ts';
import { expectedStarts, type SlotOutlook } from './expected-start.ts';
import type { GateView, QueuedView, QueueView } from './queue-views.ts';

/** Tells what tasks have to wait for before they start or go on. */
export interface QueueService {
  /** Returns null for a task that is gone. */
  readQueue(id: TaskId): Promise<QueueView | null>;
  /** Returns the first tasks of a group's queue in the order in which they start; null for a group that is not known. */
  readGroupQueue(group: string, limit: number): Promise<GroupQueue | null>;
}

interface GroupQueue {
  /** All tasks in the queue. */
  readonly of: number;
  readonly usualSeconds: number | null;
  readonly first: readonly (Omit<QueuedView, 'task'> & { readonly id: TaskId })[];
}

export interface QueueServiceDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly groupTimes: GroupTimesService;
}

export function createQueueService(deps: QueueServiceDeps): QueueService {
  const { db } = deps;
  return {
    async readQueue(id) {
      const task = await findTask(db, { id });
      if (!task) return null;
      const facts = await readFacts(db, task);
      const gates = decideGates(facts);
      if (!waitsForSlot(task) || startsByParent(task, facts.task)) return { ...NOT_QUEUED, gates };
      const [{ ahead, of }, usualSeconds] = await Promise.all([
        readQueuePosition(db, task),
        usualSecondsOf(deps, task.groupName),
      ]);
      const [expectedStartAt = null] = startsOf(deps, facts, usualSeconds, [
        { gates, ahead, holder: facts.targetHolder },
      ]);
      return { gates, position: ahead + 1, of, expectedStartAt, usualSeconds };
    },
    async readGroupQueue(group, limit) {
      const [tasks, of, ofGroup, usualSeconds] = await Promise.all([
        listQueueHead(db, group, limit),
        countQueued(db, group),
        readGroupFacts(db, group, []),
        usualSecondsOf(deps, group),
      ]);
      if (!ofGroup.group) return null;
      const targets = await listTargetHolders(
        db,
        tasks.flatMap(({ workId }) => workId ?? []),
      );
      const queued = tasks.map((task, ahead) => {
        const holder = targets.get(task.workId ?? '') ?? null;
        return {
          id: task.id,
          ahead,
          holder,
          gates: decideGates({ ...ofGroup, task: gated(task), targetHolder: holder }),
        };
      });
      const starts = startsOf(deps, ofGroup, usualSeconds, queued);
      const first = queued.map(({ id, gates, ahead }) => ({
        id,
        position: ahead + 1,
        expectedStartAt: starts[ahead] ?? null,
        closed: gates.filter(({ isOpen }) => !isOpen),
      }));
      return { of, usualSeconds, first };
    },
  };
}

const NOT_QUEUED = { position: null, of: null, expectedStartAt: null, usualSeconds: null };

/** The gates that open when another task ends; all others wait for a person. */
const OPENED_BY_ENDS: ReadonlySet<GateView['code']> = new Set(['target-in-use', 'group-full']);

type GroupFacts = Omit<GateFacts, 'task' | 'targetHolder'>;

async function readFacts(db: Db, task: TaskRow): Promise<GateFacts> {
  const [ofGroup, targetHolder, startedParents] = await Promise.all([
    readGroupFacts(db, task.groupName, [`task/${task.id}`]),
    findTargetHolder(db, task),
    findStartedParents(db, task.parentId === null ? [] : [task.parentId]),
  ]);
  return { ...ofGroup, task: gated(task, startedParents), targetHolder };
}

type QueuedRow = Omit<GateFacts['task'], 'isTerminating' | 'isChild'> &
  Pick<TaskRow, 'parentId' | 'terminateRequestedAt'>;

function gated(task: QueuedRow, startedParents: ReadonlySet<TaskId> = new Set()): GateFacts['task'] {
  const isChild = task.parentId !== null && startedParents.has(task.parentId);
  return { ...task, isTerminating: task.terminateRequestedAt !== null, isChild };
}

/**
 * Returns whether the task starts in the slot of its parent, or with it not at all (store/tasks/startable.ts). A child that was
 * restarted when its parent was over waits for a slot of its group like any other task.
 */
function startsByParent({ parentId, status }: TaskRow, { isChild }: GateFacts['task']): boolean {
  return parentId !== null && (isChild || status !== TASK_STATUS.RESTARTED);
}

/** `subjects`: whose pauses are told with since when and by whom, beside that of everything and of the group. */
async function readGroupFacts(db: Db, name: string, subjects: readonly string[]): Promise<GroupFacts> {
  const [pauses, maintenance, origins, groups, holders, classes] = await Promise.all([
    readPauses(db),
    readMaintenance(db),
    readPauseOrigins(db, ['all', `group/${name}`, ...subjects]),
    listGroups(db),
    listSlotHolders(db, name),
    readLivingClasses(db),
  ]);
  return { pauses, maintenance, origins, classes, group: groups.find((one) => one.name === name) ?? null, holders };
}

async function usualSecondsOf({ groupTimes }: QueueServiceDeps, group: string): Promise<number | null> {
  return (await groupTimes.findTimes([group])).get(group)?.runMedianSeconds ?? null;
}

interface QueuedTask {
  readonly gates: readonly GateView[];
  readonly ahead: number;
  /** The task that works on the same target. */
  readonly holder: GateFacts['targetHolder'];
}

/** Returns when each task is expected to start; null while it waits for a gate that the end of another task does not open. */
function startsOf(
  { clock }: QueueServiceDeps,
  { group, holders }: GroupFacts,
  usualSeconds: number | null,
  tasks: readonly QueuedTask[],
): (string | null)[] {
  if (usualSeconds === null) return tasks.map(() => null);
  const now = clock.now();
  const outlook: SlotOutlook = {
    now,
    maxRunning: group?.maxRunning ?? 0,
    runningSince: holders.map(({ startedAt }) => startedAt ?? now),
    runSeconds: usualSeconds,
  };
  const positions = tasks.map(({ ahead, holder }) => ({ ahead, holderSince: holder && (holder.startedAt ?? now) }));
  const starts = expectedStarts(outlook, positions);
  return tasks.map(({ gates }, index) => {
    const isHeld = gates.some(({ code, isOpen }) => !isOpen && !OPENED_BY_ENDS.has(code));
    return isHeld ? null : (starts[index]?.toISOString() ?? null);
  });
}
