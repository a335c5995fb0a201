import { describe, expect, it } from 'vitest';
import type { DefinitionView } from '../../../controlplane/api/definitions/definition-views.ts';
import {
  diffLines,
  otherRevisions,
  revisionBefore,
} from '../../../controlplane/dashboard/clusters/definition-order.ts';
import { byFault } from '../../../controlplane/dashboard/health/by-fault.ts';
import { foundLines, isClean } from '../../../controlplane/dashboard/health/found-lines.ts';
import { longestWaitFirst } from '../../../controlplane/dashboard/health/longest-wait.ts';
import { nodeState, showOffset } from '../../../controlplane/dashboard/health/node-condition.ts';
import { quotaRows } from '../../../controlplane/dashboard/health/quota-rows.ts';
import { reconcileReport } from '../../kit/reconcile-report.ts';

const AT = '2026-11-28T14:32:08.000Z';
const NOW = Date.parse(AT);
const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('failures by fault', () => {
  const cause = (name: string | null, fault: Parameters<typeof byFault>[0][number]['fault'], count: number) => ({
    ...{ cause: name, fault, count, lastAt: AT, lastTaskId: 1 },
  });

  it('have those first that an operator has to look at, however many builds failed by themselves', () => {
    const groups = byFault([
      cause('build-failed', 'user', 90),
      cause('task-lost', 'system', 1),
      cause('timeout', 'user', 95),
      cause(null, null, 2),
    ]);
    expect(groups.map(({ fault, count }) => [fault, count])).toEqual([
      ['system', 1],
      [null, 2],
      ['user', 185],
    ]);
    expect(groups.at(-1)?.causes.map((one) => one.cause)).toEqual(['timeout', 'build-failed']);
    expect(byFault([])).toEqual([]);
  });
});

describe('the state of a node', () => {
  const node = { name: 'n', version: '1', startedAt: AT, seenAt: AT, clockOffsetMs: 2 };

  it('is well, or says what is not', () => {
    expect(nodeState(node, NOW + 3_000)).toEqual({ shape: 'ok', word: 'Takes tasks' });
    expect(nodeState({ ...node, clockOffsetMs: 1_800 }, NOW).word).toBe('Clock is ahead');
    expect(nodeState({ ...node, clockOffsetMs: -1_800 }, NOW).word).toBe('Clock is behind');
    expect(plain(nodeState(node, NOW + 19_000).word)).toBe('Silent for 19 s');
    expect(nodeState({ ...node, clockOffsetMs: null }, NOW).shape).toBe('ok');
  });

  it.each([
    [2.4, '+2 ms'],
    [-5, '−5 ms'],
    [0.2, '0 ms'],
    [1_830, '+1.8 s'],
    [null, '–'],
  ])('shows a clock that is %s ms ahead as %s', (offset, said) => expect(plain(showOffset(offset))).toBe(said));
});

describe('the API budget', () => {
  const quota = { cluster: 'a', quota: 'q', tokens: 50, burst: 100, perSecond: 40 };

  it('is the share of the node: two nodes have half of it each', () => {
    expect(quotaRows([quota], 2)).toMatchObject([{ left: 50, most: 50, perSecond: 20, share: 1, state: 'enough' }]);
    expect(quotaRows([quota], 1)).toMatchObject([{ left: 50, most: 100, share: 0.5 }]);
  });

  it('is one row for clusters that share it, the emptiest first, and says when calls wait', () => {
    const rows = quotaRows(
      [
        quota,
        { ...quota, cluster: 'b' },
        { ...quota, quota: 'low', tokens: 12 },
        { ...quota, quota: 'none', tokens: -3 },
      ],
      1,
    );
    expect(rows.map(({ quota: name, clusters, left, state }) => [name, clusters.join(), left, state])).toEqual([
      ['none', 'a', 0, 'empty'],
      ['low', 'a', 12, 'low'],
      ['q', 'a,b', 50, 'enough'],
    ]);
  });

  it('does not know the waits of a node of an earlier version', () => {
    expect(quotaRows([quota], 1)[0]?.waitedSeconds).toBeNull();
    expect(quotaRows([{ ...quota, waitedSeconds: 0 }], 1)[0]?.waitedSeconds).toBe(0);
  });
});

describe('what a comparison with ECS found', () => {
  const one = { count: 1, containers: [{ task: 4, attempt: 1, arn: null, cluster: 'builds' }] };

  it('says what was done with each kind, and nothing of none', () => {
    expect(foundLines(reconcileReport({ unowned: one })).map(({ count, done }) => [count, done])).toEqual([
      [0, '–'],
      [0, '–'],
      [1, 'stopped'],
      [0, '–'],
    ]);
    const restored = reconcileReport({ unowned: one, unownedAre: 'reported' });
    expect(foundLines(restored)[2]?.done).toMatch(/^left alone: the database was restored/);
  });

  it('is clean when all fits the record', () => {
    expect(isClean(reconcileReport({ adopted: one, finished: one }))).toBe(true);
    expect(isClean(reconcileReport({ unowned: one }))).toBe(false);
    expect(isClean(reconcileReport({ unknown: one }))).toBe(false);
    expect(isClean(reconcileReport({ unseenClusters: ['builds'] }))).toBe(false);
  });
});

describe('groups', () => {
  it('come by their oldest wait, and then by name', () => {
    const group = (name: string, oldestQueuedAt: string | null) => ({ name, oldestQueuedAt });
    const groups = [group('b', null), group('a', null), group('c', AT), group('d', '2026-11-28T14:00:00.000Z')];
    expect(longestWaitFirst(groups).map(({ name }) => name)).toEqual(['d', 'c', 'a', 'b']);
  });
});

describe('revisions of a task definition', () => {
  const definition = (id: number, revision: number, account = '1'): DefinitionView => ({
    ...{ id, family: 'wip', revision, region: 'eu', cluster: 'c', containers: 0, tasks: [] },
    state: 'active',
    ...{ arn: `arn:aws:ecs:eu:${account}:task-definition/wip:${revision}`, registeredAt: AT, usedAt: AT },
  });
  const all = [definition(9, 5), definition(8, 7, '2'), definition(7, 3), definition(5, 2)];

  it('are compared with the one before, of the same account', () => {
    const [newest, , third, first] = all;
    if (!newest || !third || !first) throw new Error('they are there');
    expect(revisionBefore(all, newest)?.id).toBe(7);
    expect(revisionBefore(all, first)).toBeUndefined();
    expect(otherRevisions(all, third).map(({ revision }) => revision)).toEqual([5, 2]);
  });

  it('are told apart by place, old value and new value', () => {
    const lines = diffLines([
      { path: 'memory', before: 3072, after: 4096 },
      { path: 'tags', before: null, after: [{ key: 'a' }] },
    ]);
    expect(lines.map(({ kind, text }) => `${kind} ${text.trim()}`)).toEqual([
      ...['path memory', 'before 3072', 'after 4096', 'path tags', 'after [', 'after {', 'after "key": "a"'],
      ...['after }', 'after ]'],
    ]);
  });
});
