import { describe, expect, it } from 'vitest';
import type { TaskSummary } from '../../../controlplane/api/tasks/task-views.ts';
import { launchesOn } from '../../../controlplane/dashboard/clusters/launches-on.ts';
import type { GateView, GroupQueueView, QueueView } from '../../../controlplane/api/queue/queue-views.ts';
import {
  closedFirst,
  gateDetail,
  hasGates,
  startText,
  usualWaitText,
  waitBreakdown,
  wouldMorePlacesHelp,
} from '../../../controlplane/dashboard/queue/gate-text.ts';
import { listPauses, pauseOrigin } from '../../../controlplane/dashboard/queue/list-pauses.ts';
import {
  inQueueOrder,
  rowsAround,
  rowsOfGroup,
  splitReason,
  type GroupRow,
} from '../../../controlplane/dashboard/queue/queue-order.ts';

const NOW = Date.parse('2026-11-28T14:32:08Z');
const ago = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString();

function gate(code: GateView['code'], more: Partial<GateView> = {}): GateView {
  return { code, isOpen: true, sentence: code, since: null, by: null, taskIds: [], group: null, ...more };
}
function queue(...gates: GateView[]): QueueView {
  return { gates, position: 2, of: 4, expectedStartAt: ago(-60), usualSeconds: 270 };
}
const FULL = gate('group-full', { isOpen: false, since: ago(221), taskIds: [16, 17, 18] });
const PAUSED = gate('group-paused', { isOpen: false, since: ago(728), by: 'mio' });

describe('the queue', () => {
  it('has those that were put first before all others, then goes by priority and age', () => {
    const tasks = [
      { id: 1, priority: 'LOW', isPrioritised: false },
      { id: 2, priority: 'MEDIUM', isPrioritised: false },
      { id: 3, priority: 'CRITICAL', isPrioritised: false },
      { id: 4, priority: 'MEDIUM', isPrioritised: false },
      { id: 5, priority: 'LOW', isPrioritised: true },
    ] as TaskSummary[];
    expect(inQueueOrder(tasks).map(({ id }) => id)).toEqual([5, 3, 2, 4, 1]);
  });

  it('links the task that a reason names', () => {
    expect(splitReason('Task 4818 works on the same target')).toEqual({
      before: 'Task ',
      taskId: 4818,
      after: ' works on the same target',
    });
    expect(splitReason('Its group shop already runs 3 of 3 tasks')).toMatchObject({ taskId: null, after: '' });
  });
});

describe('launchesOn', () => {
  it.each([
    [{ type: 'fargate', subnets: ['s-1', 's-2'], assignPublicIp: true }, 'Fargate; subnets s-1, s-2'],
    [{ type: 'ec2', securityGroups: ['sg-1'] }, 'EC2 machines of the cluster; security groups sg-1'],
    [
      { type: 'capacity-providers', providers: [{ name: 'spot', weight: 2, base: 0 }] },
      'Capacity providers; providers spot weight 2',
    ],
    [{}, '–'],
  ])('says of %o: %s', (launch, said) => expect(launchesOn(launch)).toBe(said));
});

describe('the gates of a task', () => {
  it('are shown closed ones first, with since when and by whom', () => {
    expect(closedFirst([gate('task-paused'), PAUSED, gate('target-in-use'), FULL]).map(({ code }) => code)).toEqual([
      'group-paused',
      'group-full',
      'task-paused',
      'target-in-use',
    ]);
    expect(gateDetail(PAUSED, NOW)).toMatch(/^closed for 12\sm\s08\ss, since [\d:]{8}, by mio$/);
    expect(gateDetail(gate('task-paused', { isOpen: false }), NOW)).toBe('closed; since when is not known');
    expect(gateDetail(gate('task-paused'), NOW)).toBe('');
  });

  it('are asked for while something can hold the task: in the queue, and under a pause after its start', () => {
    const waiting = { code: 'all-paused' };
    expect(hasGates({ status: 'NOT_STARTED', isPaused: false, waiting: null })).toBe(true);
    expect(hasGates({ status: 'WAITING', isPaused: false, waiting: null })).toBe(false);
    expect(hasGates({ status: 'WAITING', isPaused: true, waiting: null })).toBe(true);
    expect(hasGates({ status: 'WAITING', isPaused: false, waiting })).toBe(true);
    expect(hasGates({ status: 'COMPLETE', isPaused: true, waiting })).toBe(false);
  });

  it('say when the task starts: at a time, or when somebody opens the gate', () => {
    expect(startText(queue(FULL), NOW)).toMatch(/^\d\d:\d\d:\d\d$/);
    expect(startText(queue(FULL, PAUSED), NOW)).toBe('when resumed');
    expect(startText(queue(gate('not-released', { isOpen: false })), NOW)).toBe('when released');
    expect(startText({ ...queue(gate('group-full')), position: 1 }, NOW)).toBe('now');
    expect(startText({ ...queue(FULL), expectedStartAt: null }, NOW)).toBe('not known');
    expect(startText({ ...queue(FULL), expectedStartAt: ago(1) }, NOW)).toBe('any moment');
    expect(startText({ ...queue(), position: null }, NOW)).toBeNull();
  });

  it('tell of more places only where these would help', () => {
    expect(wouldMorePlacesHelp(queue(FULL, gate('target-in-use')))).toBe(true);
    expect(wouldMorePlacesHelp(queue(FULL, gate('target-in-use', { isOpen: false })))).toBe(false);
    expect(wouldMorePlacesHelp(queue(gate('group-full')))).toBe(false);
  });

  it('are counted over the whole queue', () => {
    const waits = (...codes: string[]): Parameters<typeof waitBreakdown>[0] =>
      codes.map((code) => ({ waiting: { code } }));
    expect(waitBreakdown(waits('group-full', 'group-full', 'target-in-use', 'group-paused', 'no-worker'))).toBe(
      '2 for a place, 1 for a target, 1 paused, 1 starts next',
    );
    expect(waitBreakdown([])).toBe('');
  });
});

describe('the rows around a task', () => {
  const tasks = Array.from({ length: 10 }, (_, index) => ({ id: index + 1 })) as TaskSummary[];
  it.each([
    [1, [1, 2, 3, 4]],
    [6, [4, 5, 6, 7]],
    [10, [7, 8, 9, 10]],
  ])('has task %i among them', (id, shown) => {
    expect(rowsAround(tasks, { id, position: id }, 4).map(({ position }) => position)).toEqual(shown);
  });

  it('are counted from its own position, where more are before them than are known', () => {
    const rows = rowsAround(tasks, { id: 2, position: 502 }, 3);
    expect(rows.map(({ position, task }) => [position, task.id])).toEqual([
      [501, 1],
      [502, 2],
      [503, 3],
    ]);
  });

  it('are none while it is not known', () => {
    expect(rowsAround(tasks, { id: 99, position: 1 }, 4)).toEqual([]);
  });
});

describe('the rows of a group', () => {
  const task = (id: number, more: Partial<TaskSummary> = {}): TaskSummary =>
    ({ id, status: 'NOT_STARTED', ...more }) as TaskSummary;
  const queueOf = (of: number, ...ids: number[]): GroupQueueView => ({
    ...{ group: 'shop', of, usualSeconds: 60 },
    queued: ids.map((id, index) => ({ task: task(id), position: index + 1, expectedStartAt: null, closed: [] })),
  });
  const shown = (rows: readonly GroupRow[]): unknown[] =>
    rows.map(({ task: { id }, queued }) => [id, queued?.position ?? null]);

  it('are the queue with its positions, then what was not released', () => {
    const listed = [task(4), task(9, { status: 'NOT_READY' }), task(5)];
    expect(shown(rowsOfGroup(queueOf(2, 5, 4), listed, 20))).toEqual([
      [5, 1],
      [4, 2],
      [9, null],
    ]);
  });

  it('do not show a task of a long queue as if it came next', () => {
    const listed = [task(7000), task(6999), task(12, { status: 'NOT_READY' })];
    expect(shown(rowsOfGroup(queueOf(5000, 1, 2), listed, 20))).toEqual([
      [1, 1],
      [2, 2],
      [12, null],
    ]);
    expect(shown(rowsOfGroup(queueOf(5000, 1, 2, 3), [], 2))).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it('are those of the list until the queue was read', () => {
    expect(shown(rowsOfGroup(null, [task(1)], 20))).toEqual([[1, null]]);
  });
});

describe('pauses', () => {
  it('are listed with who made them and since when, as far as somebody remembers', () => {
    const pauses = listPauses({
      global: 'soft',
      groups: { web: 'hard' },
      origins: { 'group/web': { since: ago(728), by: 'mio' } },
    });
    expect(pauses).toEqual([
      { group: null, type: 'soft', since: null, by: null },
      { group: 'web', type: 'hard', since: ago(728), by: 'mio' },
    ]);
    expect(pauses.map((pause) => pauseOrigin(pause, NOW).replaceAll('\u00a0', ' '))).toEqual([
      '',
      'for 12 m 08 s, by mio',
    ]);
  });
});

describe('the usual wait of a group', () => {
  it('is a wait only where somebody would notice it, and never "less than 0.0 s"', () => {
    const text = (medianSeconds: number, p95Seconds: number): string => usualWaitText({ medianSeconds, p95Seconds });
    expect(text(0, 0.04)).toBe('tasks of this group usually start at once');
    expect(text(0.01, 62)).toBe(
      'tasks of this group usually start at once, and 95 % of them wait 1\u00a0m\u00a002\u00a0s at most',
    );
    expect(text(4, 8)).toBe('tasks of this group usually wait 4.0\u00a0s, and 95 % of them wait 8.0\u00a0s at most');
  });
});
