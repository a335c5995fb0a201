import { describe, expect, it } from 'vitest';
import { decideWaiting, type QueueFacts } from '../../../controlplane/api/tasks/why/wait-reasons.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { TASK_STATUS } from '../../../shared/model/status.ts';

const FREE: QueueFacts = {
  pauses: { global: null, groups: {} },
  maintenance: null,
  groups: [],
  workHolders: new Map(),
  startedParents: new Set(),
  classes: null,
  now: new Date('2026-11-30T15:00:00Z'),
};
const QUEUED = {
  id: 7 as TaskId,
  status: TASK_STATUS.NOT_STARTED,
  kind: 'Free',
  classVersion: '1',
  groupName: 'builds',
  workId: 'w',
  parentId: null as TaskId | null,
  terminateRequestedAt: null as Date | null,
  waitsFor: null,
  waitReason: null,
  slot: 'none' as const,
  startsAfterMaintenance: false,
  owner: null as string | null,
  leaseUntil: null as Date | null,
};
const WAITING = { ...QUEUED, status: TASK_STATUS.WAITING, waitsFor: 'ECS has no room', slot: 'own' as const };
const full = { name: 'builds', running: 3, maxRunning: 3 };

const clauseOf = (task: Parameters<typeof decideWaiting>[0], facts: Partial<QueueFacts> = {}): string | null =>
  decideWaiting(task, { ...FREE, ...facts })?.clause ?? null;

describe('why a task in the queue waits', () => {
  it.each<[string | null, Partial<QueueFacts>]>([
    [null, {}],
    ['all tasks are paused', { pauses: { global: 'soft', groups: { builds: 'soft' } } }],
    ['its group builds is paused', { pauses: { global: null, groups: { builds: 'soft' } }, groups: [full] }],
    ['task 3 works on the same target', { workHolders: new Map([['w', 3 as TaskId]]), groups: [full] }],
    ['its group builds already runs 3 of 3 tasks', { groups: [full] }],
    ['its group builds starts no tasks: its limit is 0', { groups: [{ ...full, running: 0, maxRunning: 0 }] }],
    [null, { groups: [{ ...full, running: 2 }], workHolders: new Map([['w', 7 as TaskId]]) }],
  ])('%s', (reason, facts) => {
    expect(clauseOf(QUEUED, facts)).toBe(reason);
  });
});

describe('why a task that came during a maintenance waits', () => {
  const late = { ...QUEUED, startsAfterMaintenance: true };

  it('is the maintenance, with its reason, and nothing of it when it is over', () => {
    const clause = 'it came during a maintenance (upgrade) and starts after it';
    expect(clauseOf(late, { maintenance: { reason: 'upgrade' }, groups: [full] })).toBe(clause);
    expect(clauseOf(late, { maintenance: { reason: null } })).toBe('it came during a maintenance and starts after it');
    expect(clauseOf(late)).toBeNull();
  });

  it('is not told of tasks that were added before', () => {
    expect(clauseOf(QUEUED, { maintenance: { reason: 'upgrade' } })).toBeNull();
  });
});

describe('why a task that has started waits', () => {
  it.each<[string | null, Partial<QueueFacts>]>([
    ['ECS has no room', {}],
    ['ECS has no room', { pauses: { global: 'soft', groups: {} }, groups: [full] }],
    ['all tasks are paused, also those that have started', { pauses: { global: 'hard', groups: {} } }],
    [
      'its group builds is paused, also its tasks that have started',
      { pauses: { global: null, groups: { builds: 'hard' } } },
    ],
  ])('%s', (reason, facts) => {
    expect(clauseOf(WAITING, facts)).toBe(reason);
  });

  it('has no reason while a worker is busy with it, or at its end', () => {
    for (const status of [TASK_STATUS.PROCESSING, TASK_STATUS.COMPLETE]) {
      expect(clauseOf({ ...WAITING, status })).toBeNull();
    }
  });
});

describe('a task whose class version no living node has', () => {
  const facts = { classes: new Set(['2 Free', '1 Build']), groups: [full] };
  const clause = 'no living node has version 1 of Free';

  it.each([
    ['queued', QUEUED],
    ['restarted', { ...QUEUED, status: TASK_STATUS.RESTARTED }],
    ['waiting', WAITING],
    ['left by a dead node', { ...WAITING, status: TASK_STATUS.PROCESSING, leaseUntil: new Date(0) }],
  ])('waits for that, and tells what to do (%s)', (_what, task) => {
    expect(decideWaiting(task, { ...FREE, ...facts })).toMatchObject({
      code: 'class-missing',
      clause,
      remedy: 'Start a node that has it, or one whose version of it migrates such tasks',
    });
  });

  it('says that nothing is to be done when its end was asked for', () => {
    expect(decideWaiting({ ...WAITING, terminateRequestedAt: new Date(0) }, { ...FREE, ...facts })).toMatchObject({
      code: 'class-missing',
      clause,
      remedy: expect.stringMatching(/^Nothing to do: its container is stopped and it is ended without its class/),
    });
  });

  it('has ended, or a node works on it, and then it does not wait', () => {
    const busy = { ...WAITING, status: TASK_STATUS.PROCESSING, leaseUntil: new Date('2027-01-01T00:00:00Z') };
    expect(clauseOf(busy, facts)).toBeNull();
    expect(clauseOf({ ...WAITING, status: TASK_STATUS.COMPLETE }, facts)).toBeNull();
    expect(clauseOf({ ...WAITING, classVersion: '2' }, facts)).toBe('ECS has no room');
  });
});

describe('a task whose node is dead', () => {
  const lost = {
    ...WAITING,
    status: TASK_STATUS.PROCESSING,
    owner: 'n1',
    leaseUntil: new Date('2026-11-30T14:58:00Z'),
  };

  it('waits for another node to take it over, and says since when', () => {
    const clause = 'the lease of its node n1 ended at 2026-11-30T14:58:00Z, and no other node has taken it over';
    expect(decideWaiting(lost, FREE)).toMatchObject({ code: 'node-lost', clause });
    expect(clauseOf({ ...lost, leaseUntil: new Date('2026-11-30T15:00:01Z') })).toBeNull();
  });

  it('waits for the end of a hard pause first', () => {
    const facts = { pauses: { global: 'hard', groups: {} } } as const;
    expect(clauseOf(lost, facts)).toBe('all tasks are paused, also those that have started');
    expect(clauseOf({ ...lost, leaseUntil: new Date('2026-11-30T15:00:01Z') }, facts)).toBeNull();
  });
});

describe('what is known of the wait of a task', () => {
  const clause = 'the cluster has no room (RESOURCE:MEMORY)';
  const stored = {
    code: 'no-capacity',
    clause,
    since: '2026-11-28T12:00:00.000Z',
    last: '2026-11-28T12:01:00.000Z',
    count: 4,
    remedy: 'Add a machine',
    evidence: ['RunTask failure: RESOURCE:MEMORY'],
    until: '2026-11-28T13:00:00.000Z',
    isForRoom: true,
  };

  it('is what it stored with its wait', () => {
    expect(decideWaiting({ ...WAITING, waitsFor: clause, waitReason: stored }, FREE)).toMatchObject({
      code: 'no-capacity',
      clause,
      since: stored.since,
      count: 4,
      remedy: 'Add a machine',
      until: stored.until,
    });
  });

  it('is the clause alone when a node of an earlier version has written a new one', () => {
    expect(decideWaiting({ ...WAITING, waitReason: stored }, FREE)).toEqual({
      code: 'task',
      clause: 'ECS has no room',
      since: null,
      last: null,
      count: null,
      until: null,
      remedy: null,
      evidence: [],
    });
  });

  it('has no number of tries where nothing is tried: a build that runs, an image that is pulled', () => {
    const looked = { ...stored, remedy: null, until: null, isForRoom: false };
    for (const code of ['process-running', 'image-pull', 'task']) {
      const waiting = decideWaiting({ ...WAITING, waitsFor: clause, waitReason: { ...looked, code } }, FREE);
      expect(waiting).toMatchObject({ code, since: stored.since, last: null, count: null });
    }
  });

  it('says of a build that a pause holds back that its process runs on', () => {
    const works = { ...stored, code: 'process-running' };
    const paused = { ...FREE, pauses: { global: 'hard' as const, groups: {} } };
    const evidenceOf = (more: Parameters<typeof decideWaiting>[0]): readonly string[] | undefined =>
      decideWaiting(more, paused)?.evidence;
    expect(evidenceOf({ ...WAITING, waitsFor: clause, waitReason: works })).toEqual([
      'its process in the container runs on meanwhile',
    ]);
    expect(evidenceOf({ ...WAITING, waitsFor: clause, waitReason: stored })).toEqual([]);
    expect(evidenceOf({ ...WAITING, waitsFor: 'something else', waitReason: works })).toEqual([]);
  });

  it('is nothing while a worker is busy with it', () => {
    expect(decideWaiting({ ...WAITING, status: TASK_STATUS.PROCESSING, waitReason: stored }, FREE)).toBeNull();
  });

  it('has a word for programs in the queue as well', () => {
    expect(decideWaiting(QUEUED, { ...FREE, groups: [full] })).toMatchObject({ code: 'group-full' });
    expect(decideWaiting(QUEUED, { ...FREE, workHolders: new Map([['w', 3 as TaskId]]) })).toMatchObject({
      code: 'target-in-use',
    });
  });
});
