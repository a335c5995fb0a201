import type { GroupSummary } from '../../api/state/state-views.ts';
import type { TaskSummary } from '../../api/tasks/task-views.ts';
import { statusWordOf } from '../status-words.ts';
import { addressOf, NO_FILTER, TABS, type ListFilter } from './task-filter.ts';

/** Name of a tab → number of its tasks; a tab whose number is not known is not there. */
export type TabCounts = Readonly<Record<string, number>>;

/** The list as it is read so far, with its filter. */
export interface CountedList {
  readonly live: readonly TaskSummary[];
  readonly ended: readonly TaskSummary[];
  /** Whether there are more tasks that have not ended than were read. */
  readonly isTruncated: boolean;
  /** Undefined: nothing was read yet. Null: all that have ended were read. */
  readonly nextCursor: string | null | undefined;
}

/**
 * Decides the numbers on the tabs: of what the filter leaves. The server counts all tasks of a group; of another filter only
 * a list that was read to its end tells.
 */
export function decideCounts(filter: ListFilter, groups: readonly GroupSummary[], list: CountedList): TabCounts {
  const ofList = filter.tab === 'all' && list.nextCursor !== undefined && !list.isTruncated;
  const live = ofList ? countLive(list.live) : {};
  const isOfGroup = addressOf({ ...filter, tab: 'all', group: '' }) === addressOf(NO_FILTER);
  if (isOfGroup) return { ...countsOf(groups, filter.group), ...live };
  const isWhole = ofList && list.nextCursor === null;
  return isWhole ? { ...live, ...countEnded(list.ended), all: list.live.length + list.ended.length } : live;
}

function countEnded(tasks: readonly TaskSummary[]): TabCounts {
  return Object.fromEntries(
    TABS.flatMap(({ name, exits }) => {
      const names = exits?.split(',') ?? null;
      return names ? [[name, tasks.filter(({ exitStatus }) => names.includes(exitStatus)).length]] : [];
    }),
  );
}

/** Counts what the server has counted by group. */
function countsOf(groups: readonly GroupSummary[], only: string): TabCounts {
  const counted = groups.filter(({ group }) => only === '' || group === only);
  if (counted.length === 0) return {};
  const exits = (...names: (keyof GroupSummary['exits'])[]): number =>
    sum(counted.flatMap((group) => names.map((name) => group.exits[name] ?? 0)));
  const statuses = (...names: (keyof GroupSummary['statuses'])[]): number =>
    sum(counted.flatMap((group) => names.map((name) => group.statuses[name] ?? 0)));
  return {
    all: sum(counted.flatMap((group) => Object.values(group.statuses))),
    queued: statuses('NOT_STARTED', 'RESTARTED'),
    'not-released': statuses('NOT_READY'),
    succeeded: exits('COMPLETED'),
    warning: exits('WARNING'),
    failed: exits('ERROR_USER'),
    'system-error': exits('ERROR_SYSTEM', 'NOT_FINISHED'),
    terminated: exits('TERMINATED'),
  };
}

/** Counts words that only a task's own fields tell apart, of a complete list of the tasks that have not ended. */
function countLive(tasks: readonly TaskSummary[]): TabCounts {
  const names = ['running', 'starting', 'queued', 'paused', 'not-released'];
  const words = tasks.map((task) => statusWordOf(task).word);
  return Object.fromEntries(
    TABS.filter(({ name }) => names.includes(name)).map(({ name, word }) => [
      name,
      words.filter((one) => one === word || (name === 'running' && one === 'Stopping')).length,
    ]),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
