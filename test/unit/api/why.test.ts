import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXIT_STATUS, TASK_STATUS } from '../../../shared/model/status.ts';
import type { TaskSummaryFacts } from '../../../controlplane/api/tasks/task-views.ts';
import { FAILURE_MESSAGE } from '../../../controlplane/tasks/basic-wip.ts';
import { summaryOf } from '../../../controlplane/api/tasks/own-task.ts';
import { whyOf } from '../../../controlplane/api/tasks/why/why.ts';
import { mergeByTime } from '../../../controlplane/api/tasks/streams/stream-events.ts';

const TASK: TaskSummaryFacts = {
  id: 1,
  uuid: 'u',
  title: 't',
  kind: 'BuildSteps',
  group: 'BuildSteps',
  priority: 'MEDIUM',
  isPrioritised: false,
  status: 'WAITING',
  state: 'build',
  exitStatus: 'NOT_FINISHED',
  exitMessage: null,
  cause: null,
  fault: null,
  waitsBecause: null,
  waiting: null,
  isPaused: false,
  isTerminating: false,
  createdBy: null,
  createdAt: '2026-03-01T12:00:00Z',
  startedAt: null,
  completedAt: null,
  wakeAt: null,
  source: null,
  phase: 'running',
  stateSince: null,
  step: null,
  usualSeconds: null,
};

function heldBy(code: string, clause: string): Partial<TaskSummaryFacts> {
  const known = { since: null, last: null, count: null, until: null, remedy: null, evidence: [] };
  return { waitsBecause: clause, waiting: { code, sentence: `${clause}.`, ...known } };
}
const HARD = heldBy('all-paused', 'all tasks are paused, also those that have started');
const FULL = heldBy('group-full', 'its group builds already runs 3 of 3 tasks');
const WORKS = heldBy('process-running', 'its process is running in the container');
const STEP = { number: 2, of: 3, name: 'test', since: '2026-11-28T12:00:00Z' };
const LOST = heldBy('node-lost', 'the lease of its node ended');
const NO_ROOM = heldBy('no-capacity', 'the cluster has no room');

describe('why a terminated task ended', () => {
  const message = 'The request to terminate has been processed.';
  const why = (exitMessage: string | null, by?: string | null): string =>
    whyOf({
      ...{ ...TASK, status: 'COMPLETE', exitStatus: 'TERMINATED', exitMessage },
      ...(by !== undefined && { terminateRequest: { by } }),
    });

  it('is who asked for it, as far as that is known, or what its kind says', () => {
    expect(why(message, 'ana')).toBe('It was terminated at the request of ana.');
    expect([why(message), why(message, null), why(null)]).toEqual(Array(3).fill('It was terminated on request.'));
    expect(why('A newer build took its place', 'ana')).toBe('A newer build took its place.');
  });
});

describe('whyOf', () => {
  it.each<[string, Partial<TaskSummaryFacts>]>([
    ['It waits in the state build for a signal.', {}],
    ['It waits in the state build for a signal, and looks by itself at 12:30.', { wakeAt: '12:30' }],
    ['It waits in the state build because ECS has no room.', { waitsBecause: 'ECS has no room', wakeAt: '12:30' }],
    [
      'It waits in the state build because ECS has no room (since 2026-11-28T12:00Z, tried 4 times).',
      {
        waitsBecause: 'ECS has no room',
        waiting: {
          code: 'no-capacity',
          sentence: 'ECS has no room.',
          since: '2026-11-28T12:00:30.000Z',
          last: '2026-11-28T12:05:00.000Z',
          count: 4,
          until: null,
          remedy: 'Add a machine.',
          evidence: [],
        },
      },
    ],
    ['It is paused in the state build; resume it to let it go on.', { isPaused: true, waitsBecause: 'x' }],
    ['Its process is running in the container in the state build.', WORKS],
    ['It runs step 2 of 3, "test", in the state build.', { ...WORKS, step: STEP }],
    [
      'It is paused in the state build, while its process in the container runs on; resume it to let it go on.',
      { ...WORKS, isPaused: true, step: STEP },
    ],
    ['It was asked to terminate and is being ended in the state build.', { isTerminating: true, isPaused: true }],
    [
      'It was asked to terminate and waits in the state build because all tasks are paused, also those that have started; it ends when nothing holds it back any more.',
      { ...HARD, isTerminating: true, isPaused: true },
    ],
    [
      'It was asked to terminate and is being ended in the state build; it waits because the cluster has no room.',
      { ...NO_ROOM, isTerminating: true },
    ],
    [
      'It was asked to terminate and waits in the state build because no living node has version 1 of Free; it ends when nothing holds it back any more.',
      { ...heldBy('class-missing', 'no living node has version 1 of Free'), isTerminating: true },
    ],
    [
      'It has not started and was asked to terminate; it waits because all tasks are paused, also those that have started, and ends when nothing holds it back any more.',
      { ...HARD, status: 'NOT_STARTED', isTerminating: true },
    ],
    ['It has not started and was asked to terminate.', { status: 'NOT_STARTED', isTerminating: true }],
    [
      'It has not started and is paused; once it is resumed it still waits, because its group builds already runs 3 of 3 tasks.',
      { ...FULL, status: 'NOT_STARTED', isPaused: true },
    ],
    [
      'It is paused in the state build; once it is resumed it still waits, because all tasks are paused, also those that have started.',
      { ...HARD, isPaused: true },
    ],
    ['It is paused in the state build; resume it to let it go on.', { ...NO_ROOM, isPaused: true }],
    ['It was restarted and is paused; resume it to let it start.', { status: 'RESTARTED', isPaused: true }],
    ['It has not started and waits for a worker.', { status: 'NOT_STARTED', state: null }],
    [
      'It was restarted and waits because its group is full.',
      { status: 'RESTARTED', waitsBecause: 'its group is full' },
    ],
    ['A worker is busy with it in the state build.', { status: 'PROCESSING' }],
    ['No node works on it in the state build because the lease of its node ended.', { ...LOST, status: 'PROCESSING' }],
    [
      'It was asked to terminate, and no node works on it in the state build because the lease of its node ended.',
      { ...LOST, status: 'PROCESSING', isTerminating: true },
    ],
    ['The disk was full.', { status: 'COMPLETE', exitStatus: 'ERROR_USER', exitMessage: ' The disk was full ' }],
    ['It completed.', { status: 'COMPLETE', exitStatus: 'COMPLETED' }],
  ])('%s', (sentence, facts) => {
    expect(whyOf({ ...TASK, ...facts })).toBe(sentence);
  });

  it('is one sentence for every status and every end', () => {
    for (const status of Object.keys(TASK_STATUS) as TaskSummaryFacts['status'][]) {
      for (const exitStatus of Object.keys(EXIT_STATUS) as TaskSummaryFacts['exitStatus'][]) {
        expect(whyOf({ ...TASK, status, exitStatus, state: null })).toMatch(/^[A-Z][^.]*\.$/);
      }
    }
  });
});

describe('mergeByTime', () => {
  it('keeps every record and never changes the order within a list', () => {
    const record = fc.record({ at: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()) });
    fc.assert(
      fc.property(fc.array(fc.array(record)), (lists) => {
        const merged = mergeByTime(lists);
        expect(merged).toHaveLength(lists.flat().length);
        for (const list of lists) expect(merged.filter((item) => list.includes(item))).toEqual(list);
      }),
    );
  });

  it('is in the order of time where the lists are', () => {
    const lists = [
      ['2026-01-01', '2026-01-04'],
      ['2026-01-02', '2026-01-03'],
    ].map((list) => list.map((at) => ({ at })));
    expect(mergeByTime(lists).map(({ at }) => at)).toEqual(['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04']);
  });
});

describe('why a task failed that nobody has explained', () => {
  const failed = { ...TASK, status: 'COMPLETE', exitStatus: 'ERROR_SYSTEM', exitMessage: FAILURE_MESSAGE } as const;

  it('is the reason, and not that it failed', () => {
    const exitDetail = 'In the state "build": the scanner is broken\nat scan.js:1';
    expect(whyOf({ ...failed, exitDetail })).toBe('In the state "build": the scanner is broken.');
  });

  it('is the reason in a list as well, which shows nothing else of the detail', () => {
    const listed = summaryOf({ ...failed, exitReason: 'In the state "build": the scanner is broken\nat scan' });
    expect(listed).toEqual({ ...failed, why: 'In the state "build": the scanner is broken.' });
  });

  it('is what a line announces, where it says nothing itself', () => {
    const why = (exitDetail: string) => whyOf({ ...failed, exitDetail });
    expect(why('In the state "go": Expected values to be strictly equal:\n\n1 !== 2\n')).toBe(
      'In the state "go": Expected values to be strictly equal: 1 !== 2.',
    );
    expect(why('In the state "go": \n\nno licence\nat a.js:1')).toBe('In the state "go": no licence.');
    expect(why(`${'x'.repeat(999)}\u{1F600}`).isWellFormed()).toBe(true);
  });

  it('is the message where no reason is known, and the words of a class where it has some', () => {
    expect(whyOf({ ...failed, exitDetail: null })).toBe(FAILURE_MESSAGE);
    expect(whyOf(failed)).toBe(FAILURE_MESSAGE);
    expect(whyOf({ ...failed, exitMessage: 'No licence', exitDetail: 'at scan.js:1' })).toBe('No licence.');
  });
});
