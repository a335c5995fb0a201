import type { LivingClasses } from '../../tasks/checks/class-versions.ts';
import { missingClass } from '../tasks/why/missing-class.ts';
import { gatesAsked, waitsForSlot, type GatedTask, type GatesAsked } from '../tasks/why/gates-asked.ts';
import { inBrackets } from '../tasks/why/wait-reasons.ts';
import { TASK_STATUS } from '../../../shared/model/status.ts';
import type { PausesView } from '../state/state-views.ts';
import type { GateView } from './queue-views.ts';

/** When a pause was last changed, and by whom. */
interface Origin {
  readonly at: Date;
  readonly by: string;
}

interface QueuedTask extends GatedTask {
  readonly id: number;
  readonly groupName: string;
  readonly paused: boolean;
  readonly kind: string;
  readonly classVersion: string;
}

/** A started task that keeps others waiting. */
interface Holder {
  readonly id: number;
  readonly startedAt: Date | null;
}

export interface GateFacts {
  readonly task: QueuedTask;
  readonly pauses: Readonly<Pick<PausesView, 'global' | 'groups'>>;
  /** The classes that living nodes have. */
  readonly classes: LivingClasses;
  /** Null: none is on. */
  readonly maintenance: { readonly reason: string | null; readonly since: string; readonly by: string } | null;
  /** By the subject of the audit: `all`, `group/NAME`, `task/ID`. */
  readonly origins: ReadonlyMap<string, Origin>;
  readonly group: { readonly running: number; readonly maxRunning: number } | null;
  /** The tasks that hold the group's slots, the last to start at the end. */
  readonly holders: readonly Holder[];
  /** The started task with the same work id. */
  readonly targetHolder: Holder | null;
}

const MAX_TASK_IDS = 20;
const OPEN = { isOpen: true, since: null, by: null, taskIds: [], group: null };

/** Returns the gates of a task that has not ended, in the order in which they are asked. */
export function decideGates(facts: GateFacts): GateView[] {
  const { task } = facts;
  if (task.status === TASK_STATUS.COMPLETE) return [];
  const asked = gatesAsked(task);
  const isStarted = task.status !== TASK_STATUS.NOT_READY && !waitsForSlot(task);
  return [
    ...(task.status === TASK_STATUS.NOT_READY ? [NOT_RELEASED] : []),
    ...(asked.ownPause ? [pauseOfTask(facts)] : []),
    pauseOfAll(facts, asked, isStarted),
    pauseOfGroup(facts, asked, isStarted),
    ...missingClassOf(facts),
    ...(asked.maintenance ? [endOfMaintenance(facts)] : []),
    ...(asked.target ? [target(facts)] : []),
    ...(asked.slot ? [slot(facts)] : []),
  ];
}

const NOT_RELEASED: GateView = {
  ...OPEN,
  code: 'not-released',
  isOpen: false,
  sentence: 'It was added and has not been released to the queue yet.',
};

function closedBy(origin: Origin | undefined): Pick<GateView, 'isOpen' | 'since' | 'by'> {
  return { isOpen: false, since: origin?.at.toISOString() ?? null, by: origin?.by ?? null };
}

function pauseOfTask({ task, origins }: GateFacts): GateView {
  if (!task.paused) return { ...OPEN, code: 'task-paused', sentence: 'The task is not paused.' };
  return { ...OPEN, ...closedBy(origins.get(`task/${task.id}`)), code: 'task-paused', sentence: 'The task is paused.' };
}

function isHeldBy(pause: 'soft' | 'hard' | null | undefined, { pauses }: GatesAsked): boolean {
  return pause === 'hard' || (pause === 'soft' && pauses === 'soft and hard');
}

function pauseOfAll({ pauses, origins }: GateFacts, asked: GatesAsked, isStarted: boolean): GateView {
  if (!isHeldBy(pauses.global, asked)) return { ...OPEN, code: 'all-paused', sentence: 'Tasks are not paused.' };
  const sentence = isStarted ? 'All tasks are paused, also those that have started.' : 'All tasks are paused.';
  return { ...OPEN, ...closedBy(origins.get('all')), code: 'all-paused', sentence };
}

function pauseOfGroup({ task, pauses, origins }: GateFacts, asked: GatesAsked, isStarted: boolean): GateView {
  const { groupName: group } = task;
  const pause = Object.hasOwn(pauses.groups, group) ? pauses.groups[group] : null;
  if (!isHeldBy(pause, asked)) {
    return { ...OPEN, group, code: 'group-paused', sentence: `The group ${group} is not paused.` };
  }
  const sentence = `The group ${group} is paused${isStarted ? ', also its tasks that have started' : ''}.`;
  return { ...OPEN, ...closedBy(origins.get(`group/${group}`)), group, code: 'group-paused', sentence };
}

/** Returns a gate only when no living node has the class; an open gate would tell people nothing. */
function missingClassOf({ task, classes }: GateFacts): GateView[] {
  const clause = missingClass(task, classes);
  if (clause === null) return [];
  return [{ ...OPEN, isOpen: false, code: 'class-missing', sentence: `N${clause.slice(1)}.` }];
}

/** Only tasks that came during a maintenance wait for its end. */
function endOfMaintenance({ maintenance }: GateFacts): GateView {
  if (!maintenance) return { ...OPEN, code: 'maintenance', sentence: 'No maintenance is on.' };
  const { reason, since, by } = maintenance;
  const sentence = `It came during a maintenance${inBrackets(reason)} and starts after it.`;
  return { ...OPEN, isOpen: false, code: 'maintenance', sentence, since, by };
}

function target({ targetHolder: holder }: GateFacts): GateView {
  if (!holder) return { ...OPEN, code: 'target-in-use', sentence: 'No other task works on its target.' };
  const sentence = `Task ${holder.id} works on the same target.`;
  const since = holder.startedAt?.toISOString() ?? null;
  return { ...OPEN, isOpen: false, code: 'target-in-use', sentence, since, taskIds: [holder.id] };
}

function slot({ task, group: limit, holders }: GateFacts): GateView {
  const { groupName: group } = task;
  if (!limit || limit.running < limit.maxRunning) {
    return { ...OPEN, group, code: 'group-full', sentence: `The group ${group} has room for another task.` };
  }
  const sentence =
    limit.maxRunning === 0
      ? `The group ${group} starts no tasks: its limit is 0.`
      : `The group ${group} runs ${limit.running} of ${limit.maxRunning} tasks.`;
  // The group has been full since the last holder of a slot started, or longer.
  const since = holders.at(-1)?.startedAt?.toISOString() ?? null;
  const taskIds = holders.slice(0, MAX_TASK_IDS).map(({ id }) => id);
  return { ...OPEN, isOpen: false, code: 'group-full', sentence, since, taskIds, group };
}
