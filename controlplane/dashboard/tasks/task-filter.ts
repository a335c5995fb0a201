import type { paths } from '../../api/openapi/api-types.ts';
import type { TaskSummary } from '../../api/tasks/task-views.ts';
import { byQueueOrder } from '../queue/queue-order.ts';
import { isEnded, isInQueue, statusWordOf, type StatusShape } from '../status-words.ts';

/** A tab of the list: the tasks of one status word. */
export interface Tab {
  readonly name: string;
  readonly word: string;
  readonly shape: StatusShape | null;
  /** Which of the two lists of the server hold such tasks. */
  readonly holds: 'live' | 'ended' | 'both';
  /** As the server names such ends. */
  readonly exits?: string;
}

export const TABS: readonly Tab[] = [
  { name: 'all', word: 'All', shape: null, holds: 'both' },
  { name: 'running', word: 'Running', shape: 'run', holds: 'live' },
  { name: 'starting', word: 'Starting', shape: 'start', holds: 'live' },
  { name: 'queued', word: 'Queued', shape: 'queue', holds: 'live' },
  { name: 'paused', word: 'Paused', shape: 'pause', holds: 'live' },
  { name: 'succeeded', word: 'Succeeded', shape: 'ok', holds: 'ended', exits: 'COMPLETED' },
  { name: 'warning', word: 'Warning', shape: 'warn', holds: 'ended', exits: 'WARNING' },
  { name: 'failed', word: 'Failed', shape: 'bad', holds: 'ended', exits: 'ERROR_USER' },
  { name: 'system-error', word: 'System error', shape: 'sys', holds: 'ended', exits: 'ERROR_SYSTEM,NOT_FINISHED' },
  { name: 'terminated', word: 'Terminated', shape: 'term', holds: 'ended', exits: 'TERMINATED' },
  { name: 'not-released', word: 'Not released', shape: 'queue', holds: 'live' },
];

/** Fields of the filter and their names in the address; those that the server has are named as it names them. */
const KEYS = {
  tab: 'status',
  group: 'group',
  cause: 'cause',
  fault: 'fault',
  priority: 'priority',
  repository: 'repository',
  branch: 'branch',
  commit: 'commit',
  submitter: 'submitter',
  since: 'since',
  until: 'until',
  text: 'q',
} as const;

type FilterField = keyof typeof KEYS;
export type ListFilter = Readonly<Record<FilterField, string>>;

export const NO_FILTER: ListFilter = {
  tab: 'all',
  group: '',
  cause: '',
  fault: '',
  priority: '',
  repository: '',
  branch: '',
  commit: '',
  submitter: '',
  since: '',
  until: '',
  text: '',
};

/** Reads the filter of an address; what it does not name is not filtered by. */
export function parseFilter(query: Readonly<Record<string, string>>): ListFilter {
  const named = Object.entries(KEYS).map(([field, key]) => [field, query[key] ?? '']);
  const filter = Object.fromEntries(named) as Record<FilterField, string>;
  return TABS.some(({ name }) => name === filter.tab) ? filter : { ...filter, tab: 'all' };
}

/** The address of the list with this filter. */
export function addressOf(filter: ListFilter): string {
  const query = new URLSearchParams();
  for (const [field, key] of Object.entries(KEYS) as [keyof ListFilter, string][]) {
    if (filter[field] !== NO_FILTER[field]) query.set(key, filter[field]);
  }
  const text = query.toString();
  return text === '' ? '/' : `/?${text}`;
}

export function tabOf(filter: ListFilter): Tab {
  return TABS.find(({ name }) => name === filter.tab) ?? TABS[0]!;
}

/** The query of the list of tasks, as the API has it. */
export type TaskQuery = NonNullable<paths['/v1/tasks']['get']['parameters']['query']>;

/** What the server filters by; null when this list cannot hold a task of the tab. */
export function serverQuery(filter: ListFilter, list: 'live' | 'ended'): TaskQuery | null {
  const tab = tabOf(filter);
  if (tab.holds !== 'both' && tab.holds !== list) return null;
  const isEndOnly = list === 'ended' && tab.exits !== undefined;
  return {
    status: list === 'ended' ? 'COMPLETE' : LIVE_STATUSES,
    ...fieldsOf(filter),
    ...(isEndOnly && { exit: tab.exits }),
  };
}

/** The fields that both lists are filtered by. What cannot be meant, such as half a date, is not asked for. */
export function fieldsOf(filter: ListFilter): TaskQuery {
  const commit = filter.commit.trim().toLowerCase();
  const values: { readonly [Field in FilterField]?: string | undefined } = {
    ...filter,
    commit: /^[0-9a-f]{4,64}$/.test(commit) ? commit : '',
    since: instantOf(filter.since),
    until: instantOf(filter.until),
  };
  const named = Object.entries(KEYS)
    .filter(([field]) => field !== 'tab')
    .map(([field, key]) => [key, values[field as FilterField]?.trim() ?? ''])
    .filter(([, value]) => value !== '');
  return Object.fromEntries(named) as TaskQuery;
}

/** A time of this browser's place, as its field for times has it, with what the API needs beside it. */
function instantOf(local: string): string {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? '' : at.toISOString();
}
const LIVE_STATUSES = 'NOT_READY,NOT_STARTED,RESTARTED,WAITING,PROCESSING';

/** What the server does not filter by: words that several fields of a task make up. */
export function matches(filter: ListFilter, task: TaskSummary): boolean {
  const tab = tabOf(filter);
  return tab.shape === null || tabWord(task) === tab.word;
}

/** A task that is being terminated still runs. */
function tabWord(task: TaskSummary): string {
  const { word } = statusWordOf(task);
  return word === 'Stopping' ? 'Running' : word;
}

export type ListSection = 'going-on' | 'queued' | 'ended';

export function sectionOf(task: TaskSummary): ListSection {
  if (isEnded(task)) return 'ended';
  return isInQueue(task) ? 'queued' : 'going-on';
}

/** Going on and ended: the newest first. Queued: as they will start. */
export function orderOf(section: ListSection): (a: TaskSummary, b: TaskSummary) => number {
  return section === 'queued' ? byQueueOrder : (a, b) => b.id - a.id;
}
