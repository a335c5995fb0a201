import { describe, expect, it } from 'vitest';
import { TaskSummary } from '../../../controlplane/api/tasks/task-views.ts';
import { visibleRows } from '../../../controlplane/dashboard/parts/visible-rows.ts';
import { statusWordOf } from '../../../controlplane/dashboard/status-words.ts';
import {
  changeTasks,
  lostFrom,
  mergeTasks,
  NO_TASKS,
  showHeldTasks,
} from '../../../controlplane/dashboard/tasks/merge-tasks.ts';
import { rankWord } from '../../../controlplane/dashboard/queue/queue-order.ts';
import { againstUsual } from '../../../controlplane/dashboard/tasks/against-usual.ts';
import { sourceName } from '../../../controlplane/dashboard/tasks/source-name.ts';
import { decideCounts, type CountedList } from '../../../controlplane/dashboard/tasks/tab-counts.ts';
import {
  addressOf,
  fieldsOf,
  matches,
  orderOf,
  NO_FILTER,
  parseFilter,
  serverQuery,
  TABS,
} from '../../../controlplane/dashboard/tasks/task-filter.ts';

function task(id: number, more: Partial<TaskSummary> = {}): TaskSummary {
  return TaskSummary.parse({
    id,
    uuid: `u${id}`,
    title: `Build ${id}`,
    kind: 'BuildSteps',
    group: 'shop',
    priority: 'MEDIUM',
    isPrioritised: false,
    status: 'WAITING',
    state: 'executeBuildScript',
    exitStatus: 'NOT_FINISHED',
    exitMessage: null,
    fault: null,
    cause: null,
    why: 'It waits.',
    waitsBecause: null,
    isPaused: false,
    isTerminating: false,
    createdBy: 'ana',
    createdAt: '2026-11-28T10:00:00Z',
    startedAt: '2026-11-28T10:00:01Z',
    completedAt: null,
    wakeAt: null,
    phase: 'running',
    ...more,
  });
}
const ended = (id: number, exitStatus: TaskSummary['exitStatus'] = 'COMPLETED'): TaskSummary =>
  task(id, { status: 'COMPLETE', exitStatus });
const idsOf = (tasks: readonly TaskSummary[]): number[] => tasks.map(({ id }) => id);

describe('statusWordOf', () => {
  it.each<[string, Partial<TaskSummary>]>([
    ['Queued', { status: 'NOT_STARTED', state: null }],
    ['Queued', { status: 'RESTARTED' }],
    ['Not released', { status: 'NOT_READY' }],
    ['Starting', { status: 'PROCESSING', state: null, phase: 'starting' }],
    ['Starting', { state: 'containerWipCheckSsh', phase: 'starting' }],
    ['Running', {}],
    ['Stopping', { isTerminating: true }],
    ['Paused', { isPaused: true }],
    ['Succeeded', { status: 'COMPLETE', exitStatus: 'COMPLETED', isPaused: true }],
    ['Warning', { status: 'COMPLETE', exitStatus: 'WARNING' }],
    ['Failed', { status: 'COMPLETE', exitStatus: 'ERROR_USER' }],
    ['System error', { status: 'COMPLETE', exitStatus: 'ERROR_SYSTEM' }],
    ['Terminated', { status: 'COMPLETE', exitStatus: 'TERMINATED' }],
  ])('says %s of %o', (word, more) => expect(statusWordOf(task(1, more)).word).toBe(word));
});

describe('againstUsual', () => {
  it.each([
    [60, 120, 'running', 'of 2 m 00 s', false, 25],
    [180, 120, 'running', '+50 %', true, 75],
    [120, 120, 'ended', '0 %', false, 50],
    [90, 120, 'ended', '−25 %', false, 38],
    [1200, 120, 'ended', '+900 %', true, 100],
    [3, 1, 'ended', '+200 %', false, 100],
  ] as const)('holds %i s against %i s while %s', (seconds, usual, when, say, isSlow, percent) => {
    const found = againstUsual(seconds, usual, when);
    expect({ ...found, say: found?.say.replaceAll('\u00a0', ' ') }).toEqual({ say, isSlow, percent });
  });

  it('says nothing where nothing alike has succeeded', () => expect(againstUsual(60, null, 'ended')).toBeNull());
});

describe('sourceName', () => {
  it.each([
    ['https://git.example/shop/storefront.git', 'shop/storefront'],
    ['git@git.example:shop/storefront', 'shop/storefront'],
    ['/srv/repos/site', 'repos/site'],
  ])('names %s as %s', (repository, name) => expect(sourceName(repository)).toBe(name));
});

describe('the filter of the list', () => {
  it('is in the address, and comes back from it', () => {
    const filter = {
      ...NO_FILTER,
      tab: 'failed',
      group: 'a b',
      cause: 'limit-disk',
      branch: 'x/y',
      text: 'käse & brot',
    };
    const query = Object.fromEntries(new URL(addressOf(filter), 'http://x').searchParams);
    expect(parseFilter(query)).toEqual(filter);
    expect(addressOf(NO_FILTER)).toBe('/');
    expect(parseFilter({ status: 'nonsense', other: '1' })).toEqual(NO_FILTER);
  });

  it('asks the server for what can hold such tasks only', () => {
    expect(serverQuery({ ...NO_FILTER, tab: 'failed' }, 'live')).toBeNull();
    expect(serverQuery({ ...NO_FILTER, tab: 'queued' }, 'ended')).toBeNull();
    expect(serverQuery({ ...NO_FILTER, group: 'shop' }, 'ended')).toEqual({ status: 'COMPLETE', group: 'shop' });
    expect(serverQuery({ ...NO_FILTER, tab: 'system-error', text: ' x ' }, 'ended')).toEqual({
      status: 'COMPLETE',
      q: 'x',
      exit: 'ERROR_SYSTEM,NOT_FINISHED',
    });
  });

  it('asks for times with their zone, and for no commit that is not one yet', () => {
    const filter = { ...NO_FILTER, submitter: 'ana', fault: 'system', since: '2026-11-28T10:30', commit: ' 1D4C540 ' };
    expect(fieldsOf(filter)).toEqual({
      submitter: 'ana',
      fault: 'system',
      since: new Date(2026, 10, 28, 10, 30).toISOString(),
      commit: '1d4c540',
    });
    expect(fieldsOf({ ...NO_FILTER, until: '2026-11', commit: '1d4' })).toEqual({
      until: '2026-11-01T00:00:00.000Z',
    });
    expect(fieldsOf({ ...NO_FILTER, since: 'nonsense', commit: 'master' })).toEqual({});
  });

  it('finds each task in exactly one tab beside “all”', () => {
    const tasks = [
      task(1),
      task(2, { status: 'NOT_STARTED' }),
      ended(3),
      ended(4, 'ERROR_USER'),
      task(5, { isPaused: true }),
      task(6, { isTerminating: true }),
    ];
    for (const one of tasks) {
      const tabs = TABS.filter(({ name }) => name !== 'all' && matches({ ...NO_FILTER, tab: name }, one));
      expect(tabs, `task ${one.id}`).toHaveLength(1);
    }
  });
});

describe('mergeTasks', () => {
  const known = { live: [task(9), task(8)], ended: [ended(5), ended(4)], held: [] };

  it('keeps pages that were read before, in order, and takes the latest description of each', () => {
    const next = mergeTasks(known, { live: [task(9)], ended: [ended(8), ended(5, 'WARNING')], newTasks: 'show' });
    expect(idsOf(next.live)).toEqual([9]);
    expect(idsOf(next.ended)).toEqual([8, 5, 4]);
    expect(next.ended[1]?.exitStatus).toBe('WARNING');
  });

  it('moves a task that was restarted back to those that go on', () => {
    const next = mergeTasks(known, { live: [task(9), task(8), task(5)], ended: [ended(4)], newTasks: 'show' });
    expect(idsOf(next.ended)).toEqual([4]);
  });

  it('holds new tasks back while somebody reads, and shows the first ones at once', () => {
    const reading = { live: [task(10), task(9), task(8)], ended: [], newTasks: 'hold' } as const;
    const next = mergeTasks(known, reading);
    expect([idsOf(next.live), idsOf(next.held)]).toEqual([[9, 8], [10]]);
    expect(idsOf(mergeTasks(NO_TASKS, reading).live)).toEqual([10, 9, 8]);
  });

  it('misses tasks that ended and are older than the page of the newest', () => {
    expect(lostFrom(known, { live: [task(9)], ended: [ended(30)] })).toEqual([8]);
  });
});

describe('changeTasks', () => {
  const known = { live: [task(9), task(8)], ended: [ended(5), ended(4)], held: [] };

  it('takes the latest description of each, and moves what has ended or was restarted', () => {
    const next = changeTasks(known, { tasks: [ended(8, 'WARNING'), task(5)], left: [4], newTasks: 'show' });
    expect([idsOf(next.live), idsOf(next.ended), idsOf(next.held)]).toEqual([[9, 5], [8], []]);
  });

  it('holds new tasks back while somebody reads, keeps them true, and shows them where they belong', () => {
    const held = changeTasks(known, { tasks: [task(11), task(10)], left: [], newTasks: 'hold' });
    expect([idsOf(held.live), idsOf(held.held)]).toEqual([
      [9, 8],
      [11, 10],
    ]);
    const later = changeTasks(held, { tasks: [ended(10), task(9, { state: 'next' })], left: [11], newTasks: 'hold' });
    expect([idsOf(later.held), later.live[0]?.state]).toEqual([[10], 'next']);
    const shown = showHeldTasks(later);
    expect([idsOf(shown.live), idsOf(shown.ended), shown.held]).toEqual([[9, 8], [10, 5, 4], []]);
  });

  it('shows the first ones at once', () => {
    const next = changeTasks(NO_TASKS, { tasks: [task(1)], left: [], newTasks: 'hold' });
    expect(idsOf(next.live)).toEqual([1]);
  });
});

const UNREAD: CountedList = { live: [], ended: [], isTruncated: false, nextCursor: undefined };

describe('the order of the list', () => {
  it('of what is queued is that in which it starts', () => {
    const queued = (id: number, more: Partial<TaskSummary> = {}): TaskSummary =>
      task(id, { status: 'NOT_STARTED', ...more });
    const tasks = [
      ...[queued(9), queued(10), queued(11, { priority: 'LOW' }), queued(20, { priority: 'HIGH' })],
      ...[queued(60, { isPrioritised: true }), queued(3, { status: 'NOT_READY' }), queued(2, { status: 'NOT_READY' })],
    ];
    expect(idsOf(tasks.toSorted(orderOf('queued')))).toEqual([60, 20, 9, 10, 11, 2, 3]);
    expect(idsOf(tasks.toSorted(orderOf('ended')))).toEqual([60, 20, 11, 10, 9, 3, 2]);
  });

  it('is explained beside the task that it concerns', () => {
    expect([
      rankWord(task(1)),
      rankWord(task(1, { priority: 'HIGH' })),
      rankWord(task(1, { isPrioritised: true })),
    ]).toEqual([null, 'high priority', 'first of its queue']);
  });
});

describe('the counts of the tabs', () => {
  it('are those of the server for what has ended, and of one group where one is chosen', () => {
    const groups = [
      { group: 'a', statuses: { COMPLETE: 3, WAITING: 1 }, exits: { COMPLETED: 2, ERROR_USER: 1 }, causes: {} },
      { group: 'b', statuses: { NOT_STARTED: 4 }, exits: {}, causes: {} },
    ];
    expect(decideCounts(NO_FILTER, groups, UNREAD)).toMatchObject({
      ...{ all: 8, queued: 4, succeeded: 2, failed: 1, warning: 0 },
    });
    expect(decideCounts({ ...NO_FILTER, group: 'b' }, groups, UNREAD)).toMatchObject({ all: 4, succeeded: 0 });
    expect(decideCounts(NO_FILTER, [], UNREAD)).toEqual({});
    expect(decideCounts({ ...NO_FILTER, tab: 'failed' }, groups, UNREAD)).toMatchObject({ all: 8, failed: 1 });
  });

  it('tell starting from running, with those that stop', () => {
    const tasks = [
      task(1),
      task(2, { isTerminating: true }),
      task(3, { phase: 'starting' }),
      task(4, { status: 'NOT_STARTED' }),
    ];
    const live = { running: 2, starting: 1, queued: 1, paused: 0, 'not-released': 0 };
    expect(decideCounts(NO_FILTER, [], { ...UNREAD, live: tasks, nextCursor: '7' })).toEqual(live);
    expect(decideCounts(NO_FILTER, [], { ...UNREAD, live: tasks, nextCursor: '7', isTruncated: true })).toEqual({});
  });

  it('are those of what any other filter leaves, or are not there', () => {
    const groups = [{ group: 'a', statuses: { COMPLETE: 8 }, exits: { COMPLETED: 8 }, causes: {} }];
    const filter = { ...NO_FILTER, text: 'huge' };
    const list = { live: [task(4)], ended: [ended(2)], isTruncated: false, nextCursor: null };
    expect(decideCounts(filter, groups, UNREAD)).toEqual({});
    expect(decideCounts(filter, groups, list)).toMatchObject({
      all: 2,
      running: 1,
      queued: 0,
      succeeded: 1,
      failed: 0,
    });
    const part = decideCounts(filter, groups, { ...list, nextCursor: '2' });
    expect(part).toMatchObject({ running: 1, queued: 0 });
    expect(Object.keys(part)).not.toContain('all');
    expect(decideCounts({ ...filter, tab: 'failed' }, groups, { ...list, live: [], ended: [] })).toEqual({});
  });
});

describe('visibleRows', () => {
  it('draws what is on the screen and a little around it', () => {
    expect(visibleRows(300, 900, 50, 10_000)).toEqual({ from: 0, to: 20 });
    expect(visibleRows(-5_000, 900, 50, 10_000)).toEqual({ from: 92, to: 126 });
  });

  it('never goes beyond the list', () => {
    expect(visibleRows(-600_000, 900, 50, 10_000)).toEqual({ from: 10_000, to: 10_000 });
    expect(visibleRows(5_000, 900, 50, 10_000)).toEqual({ from: 0, to: 0 });
    expect(visibleRows(0, 900, 50, 3)).toEqual({ from: 0, to: 3 });
  });
});
