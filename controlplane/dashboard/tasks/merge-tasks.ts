import type { TaskSummary } from '../../api/tasks/task-views.ts';

/** The tasks that are shown, as the server last described each. */
export interface KnownTasks {
  readonly live: readonly TaskSummary[];
  readonly ended: readonly TaskSummary[];
  /** Newly found tasks that are not shown yet, so that nothing moves under the reader. */
  readonly held: readonly TaskSummary[];
}

export const NO_TASKS: KnownTasks = { live: [], ended: [], held: [] };

export interface Reading {
  /** All tasks that have not ended. */
  readonly live: readonly TaskSummary[];
  /** The newest that have ended, and any others that were asked for. */
  readonly ended: readonly TaskSummary[];
  /** `hold`: somebody reads further down, so new tasks wait until they are asked for. */
  readonly newTasks: 'show' | 'hold';
}

/** Puts a reading of the server into what is shown. A task is in one list only: in that of its latest description. */
export function mergeTasks(known: KnownTasks, reading: Reading): KnownTasks {
  const shown = new Set([...known.live, ...known.ended].map(({ id }) => id));
  const isFirst = shown.size === 0;
  const isHeld = ({ id }: TaskSummary): boolean => reading.newTasks === 'hold' && !isFirst && !shown.has(id);
  const liveIds = new Set(reading.live.map(({ id }) => id));
  const ended = new Map(known.ended.map((task) => [task.id, task]));
  for (const task of reading.ended) if (!isHeld(task) && !liveIds.has(task.id)) ended.set(task.id, task);
  for (const id of liveIds) ended.delete(id); // it was restarted
  return {
    live: reading.live.filter((task) => !isHeld(task)),
    ended: [...ended.values()].sort((a, b) => b.id - a.id),
    held: reading.live.filter(isHeld),
  };
}

export interface TaskChange {
  /** As the server describes them now. */
  readonly tasks: readonly TaskSummary[];
  /** Ids of the tasks that no longer belong to the list. */
  readonly left: readonly number[];
  readonly newTasks: 'show' | 'hold';
}

/** Puts changes of single tasks into what is shown. */
export function changeTasks(known: KnownTasks, { tasks, left, newTasks }: TaskChange): KnownTasks {
  const latest = new Map(tasks.map((task) => [task.id, task]));
  const gone = new Set(left);
  const update = (before: readonly TaskSummary[]): TaskSummary[] =>
    before.filter(({ id }) => !gone.has(id)).map((task) => latest.get(task.id) ?? task);
  const shown = update([...known.live, ...known.ended]);
  const held = update(known.held);
  const present = new Set([...shown, ...held].map(({ id }) => id));
  const found = [...latest.values()].filter(({ id }) => !present.has(id));
  const isHeld = newTasks === 'hold' && shown.length > 0;
  return { ...inLists(isHeld ? shown : [...shown, ...found]), held: isHeld ? [...held, ...found] : held };
}

/** Shows the tasks that were held back; some may have ended meanwhile. */
export function showHeldTasks({ live, ended, held }: KnownTasks): KnownTasks {
  return { ...inLists([...live, ...ended, ...held]), held: [] };
}

function inLists(tasks: readonly TaskSummary[]): Pick<KnownTasks, 'live' | 'ended'> {
  const sorted = [...tasks].sort((a, b) => b.id - a.id);
  return {
    live: sorted.filter(({ status }) => status !== 'COMPLETE'),
    ended: sorted.filter(({ status }) => status === 'COMPLETE'),
  };
}

/** Tasks that were going on, and of which the reading says nothing: they have ended, and are older than its page. */
export function lostFrom(known: KnownTasks, reading: Pick<Reading, 'live' | 'ended'>): number[] {
  const found = new Set([...reading.live, ...reading.ended].map(({ id }) => id));
  return known.live.filter(({ id }) => !found.has(id)).map(({ id }) => id);
}
