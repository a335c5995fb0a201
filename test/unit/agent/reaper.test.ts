import { describe, expect, it } from 'vitest';
import type { ProcEntry } from '../../../shared/system/proc-table.ts';
import { findOrphanedChildren, isSubreaper, type Reaper } from '../../../agent/process/trees/reaper.ts';

const entry = (pid: number, parentPid: number, sessionId: number): ProcEntry => ({
  ...{ pid, parentPid, sessionId, groupId: sessionId, startTicks: pid },
  ...{ cpuTicks: 0, waitedTicks: 0, residentPages: 1, isZombie: false },
});
// Process 1 is init, 5 a script, 7 the agent, 10 the build's leader.
const CHAIN = [entry(1, 0, 1), entry(5, 1, 1), entry(7, 5, 1), entry(10, 7, 10), entry(11, 10, 10)];
const reaper: Reaper = {
  ownPid: 7,
  ancestors: [5, 1],
  sessions: new Set([1]),
  bystanders: new Map([[6, 6]]),
};
const orphans = (...more: ProcEntry[]): number[] =>
  findOrphanedChildren(reaper, [...CHAIN, ...more]).map(({ pid }) => pid);

describe('orphans of the build', () => {
  it('are whom an ancestor of the agent has adopted, with all below them', () => {
    expect(orphans()).toEqual([]);
    expect(orphans(entry(20, 1, 20), entry(21, 20, 20), entry(22, 21, 22))).toEqual([20, 21, 22]);
    expect(orphans(entry(30, 5, 30))).toEqual([30]);
  });

  it('are nobody below the agent, whose children are known, nor its own helpers', () => {
    expect(orphans(entry(12, 11, 12), entry(13, 7, 1))).toEqual([]);
  });

  it('are no bystanders: who was there before, who shares a session with the agent, who came from outside', () => {
    expect(orphans(entry(6, 1, 6), entry(8, 6, 8))).toEqual([]);
    expect(orphans(entry(9, 5, 1), entry(14, 9, 14))).toEqual([]);
    expect(orphans(entry(40, 0, 40), entry(41, 40, 40))).toEqual([]);
  });

  it('are found again under a pid of a bystander that has ended', () => {
    expect(orphans({ ...entry(6, 1, 60), startTicks: 999 })).toEqual([6]);
  });

  it('are found in a table that was read while it changed', () => {
    expect(orphans(entry(50, 51, 50), entry(51, 50, 51), entry(60, 59, 60))).toEqual([]);
  });
});

describe('a subreaper', () => {
  it.each([
    [['tini', '-s', '--', 'wip-agent'], true],
    [['/usr/bin/tini', '-g', '-sv', '--', 'wip-agent', 'run'], true],
    [['/sbin/docker-init', '--', 'wip-agent', '-s'], false],
    [['tini', '--', 'sh', '-s'], false],
    [['sh', '-s', '--'], false],
    [[], false],
  ])('is told by its arguments: %j', (argv, expected) => {
    expect(isSubreaper(argv)).toBe(expected);
  });
});
