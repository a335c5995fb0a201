import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { endReason, type EndEvidence } from '../../../agent/process/end-reason.ts';
import type { ProcEntry } from '../../../shared/system/proc-table.ts';
import { isAlone } from '../../../agent/process/trees/end-trees.ts';
import { createEffort, findMembers, type Tree } from '../../../agent/process/trees/trees.ts';
import { findAccount, shellOf } from '../../../agent/process/users.ts';

describe('a tree', () => {
  const entry = (pid: number, parentPid: number, sessionId: number, startTicks = pid): ProcEntry => ({
    pid,
    parentPid,
    groupId: sessionId,
    sessionId,
    startTicks,
    cpuTicks: 0,
    waitedTicks: 0,
    residentPages: 1,
    isZombie: false,
  });
  const tree = (members: [number, number][] = []): Tree => ({
    leaderPid: 10,
    leaderStartTicks: 10,
    mark: 'm',
    members: new Map(members),
  });
  const pids = (given: Tree, table: ProcEntry[], marks: Record<number, string> = {}): number[] =>
    findMembers(given, table, (pid) => marks[pid])
      .map((member) => member.pid)
      .toSorted((a, b) => a - b);

  it('is its session, the descendants of that, and whoever carries the mark', () => {
    const table = [
      entry(1, 0, 1),
      entry(10, 1, 10),
      entry(11, 10, 10),
      entry(13, 12, 12),
      entry(12, 11, 12),
      entry(20, 1, 20),
      entry(30, 1, 30),
    ];
    expect(pids(tree(), table, { 20: 'm', 30: 'other' })).toEqual([10, 11, 12, 13, 20]);
  });

  it('keeps a member that was seen before and has lost its parent', () => {
    expect(pids(tree([[50, 50]]), [entry(50, 1, 50), entry(51, 50, 51)])).toEqual([50, 51]);
  });

  it('is not taken in by a pid that is used again', () => {
    expect(pids(tree([[50, 49]]), [entry(50, 1, 50)])).toEqual([]);
    expect(pids(tree(), [entry(10, 1, 10, 999), entry(11, 10, 10)])).toEqual([]);
    expect(pids(tree(), [entry(11, 1, 10)])).toEqual([11]);
  });

  it('makes progress that only grows, by time, writing and new processes', () => {
    const effort = createEffort();
    const busy = { ...entry(-5, 1, 1), cpuTicks: 30 };
    expect(effort.sample([busy], 1)).toEqual({ progress: 31, livingTicks: 30, cpuTicks: 30 });
    expect(effort.sample([], 0)).toEqual({ progress: 31, livingTicks: 0, cpuTicks: 30 });
  });
});

describe('the sweep', () => {
  const own = ['wip-agent', 'run'];
  it('is for an agent below an init that was started for it, and for no other', () => {
    expect(isAlone(['tini', '-s', '--', ...own], own, 1)).toBe(true);
    expect(isAlone(['/sbin/docker-init', '--', ...own], own, 1)).toBe(true);
    expect(isAlone(['/sbin/init'], own, 1)).toBe(false);
    expect(isAlone(['/bin/sh', '/entrypoint.sh', ...own], own, 1)).toBe(false);
    expect(isAlone(['tini', '--', ...own], own, 7)).toBe(false);
    expect(isAlone([], [], 1)).toBe(false);
    expect(isAlone(own, own, 1)).toBe(false);
  });
});

describe('the reason of an end', () => {
  const evidence: EndEvidence = { exitCode: 0, signal: null, stopCause: null, wasCancelled: false, oomKills: 0 };
  it.each([
    [{}, 'exited'],
    [{ exitCode: 1 }, 'exited'],
    [{ exitCode: null, signal: 'SIGKILL' }, 'killed'],
    [{ exitCode: null, signal: 'SIGKILL', oomKills: 1 }, 'oom'],
    [{ exitCode: 137, oomKills: 1 }, 'oom'],
    // make ends like the first when its compiler was killed, and like the second when a second try succeeded.
    [{ exitCode: 2, oomKills: 1 }, 'oom'],
    [{ exitCode: 0, oomKills: 1 }, 'exited'],
    [{ exitCode: null, signal: 'SIGKILL', wasCancelled: true, oomKills: 1 }, 'cancelled'],
    [{ exitCode: null, signal: 'SIGTERM', wasCancelled: true }, 'cancelled'],
    [{ exitCode: null, signal: 'SIGKILL', stopCause: 'limit-disk', oomKills: 1 }, 'limit-disk'],
  ] as [Partial<EndEvidence>, string][])('for %j is %s', (given, reason) => {
    expect(endReason({ ...evidence, ...given })).toBe(reason);
  });
});

describe('accounts', () => {
  const passwd =
    'root:x:0:0:root:/root:/bin/bash\nlocal:x:1000:1000::/home/local:\nsvc:x:33:33::/:/usr/sbin/nologin\nbroken:x:a:b\n';
  const group = 'root:x:0:\nlocal:x:1000:local\ndocker:x:998:svc,local\nvideo:x:44:localhost\n';

  it('are found with their groups', () => {
    expect(findAccount('local', passwd, group)).toEqual({
      name: 'local',
      uid: 1_000,
      gid: 1_000,
      home: '/home/local',
      shell: '/bin/sh',
      groups: [998],
    });
    expect(findAccount('broken', passwd, group)).toBeUndefined();
    expect(findAccount('nobody', passwd, group)).toBeUndefined();
  });

  it('that may not log in run builds with a plain shell', () => {
    const svc = findAccount('svc', passwd, group);
    expect(svc && shellOf(svc)).toBe('/bin/sh');
  });
});

it('main.ts says the version of the package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  expect(readFileSync(new URL('../../../agent/main.ts', import.meta.url), 'utf8')).toContain(`VERSION = '${version}'`);
});
