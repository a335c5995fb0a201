import type { GroupView } from '../../api/groups/group-views.ts';
import type { ConnectionStatus } from '../../api/state/state-views.ts';
import type { TaskSummary } from '../../api/tasks/task-views.ts';

/** Something that must hold before a task starts. null: it is not known whether it does. */
export interface Gate {
  readonly title: string;
  readonly detail: string;
  readonly holds: boolean | null;
  /** The task that stands in the way. */
  readonly taskId: number | null;
  readonly slots: Pick<GroupView, 'running' | 'maxRunning'> | null;
}

type WaitingTask = Pick<TaskSummary, 'status' | 'group' | 'isPaused' | 'waitsBecause'>;

/** The gates of a task in the queue, in the order in which they are tried. */
export function gatesOf(task: WaitingTask, group: GroupView | undefined, status: ConnectionStatus | null): Gate[] {
  return [pauseGate(task, status), targetGate(task), slotGate(task, group), nodeGate(status)];
}

function pauseGate(task: WaitingTask, status: ConnectionStatus | null): Gate {
  const paused = [
    ...(task.status === 'NOT_READY' ? ['it has not been released to the queue'] : []),
    ...(task.isPaused ? ['this task is paused'] : []),
    ...(status?.pauses.global ? [`all tasks are paused (${status.pauses.global})`] : []),
    ...(status?.pauses.groups[task.group]
      ? [`the group ${task.group} is paused (${status.pauses.groups[task.group]})`]
      : []),
  ];
  const isPaused = paused.length > 0;
  return {
    title: isPaused ? 'Nothing may be paused' : 'Nothing is paused',
    detail: isPaused
      ? sentence(paused.join(', and '))
      : `Neither all tasks, nor the group ${task.group}, nor this task.`,
    holds: status === null && !isPaused ? null : !isPaused,
    taskId: null,
    slots: null,
  };
}

function targetGate({ waitsBecause }: WaitingTask): Gate {
  const holder = /^task (\d+) works on the same target$/.exec(waitsBecause ?? '')?.[1];
  return {
    title: holder === undefined ? 'No other task works on its target' : 'The target must be free: it is held by',
    detail:
      holder === undefined
        ? 'Tasks with the same target run one after the other.'
        : 'Both would write to the same target, so they run one after the other.',
    holds: holder === undefined,
    taskId: holder === undefined ? null : Number(holder),
    slots: null,
  };
}

function slotGate(task: WaitingTask, group: GroupView | undefined): Gate {
  const isFree = group ? group.running < group.maxRunning : null;
  return {
    title:
      isFree === false ? `A place in the group ${task.group} must be free` : `The group ${task.group} has a free place`,
    detail: group ? `${group.running} of ${group.maxRunning} places are taken.` : 'Its places are not known.',
    holds: isFree,
    taskId: null,
    slots: group ?? null,
  };
}

function nodeGate(status: ConnectionStatus | null): Gate {
  const count = status?.nodes.length ?? null;
  return {
    title: count === 1 ? 'A node takes tasks' : count ? `${count} nodes take tasks` : 'A node must take tasks',
    detail: status?.nodes.map(({ name }) => name).join(', ') ?? 'The nodes are not known.',
    holds: count === null ? null : count > 0,
    taskId: null,
    slots: null,
  };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
