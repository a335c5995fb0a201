import { describe, expect, it } from 'vitest';
import { decideGates, type GateFacts } from '../../../controlplane/api/queue/decide-gates.ts';
import { TaskId } from '../../../shared/model/ids.ts';
import { TASK_STATUS } from '../../../shared/model/status.ts';

const AT = new Date('2026-01-01T12:00:00Z');
const HOLDERS = [1, 2].map((id) => ({ id: TaskId.parse(id), startedAt: new Date(AT.getTime() + id * 1_000) }));
const TASK: GateFacts['task'] = {
  id: TaskId.parse(7),
  status: TASK_STATUS.NOT_STARTED,
  groupName: 'nightly',
  paused: false,
  kind: 'Free',
  classVersion: '1',
  isChild: false,
  isTerminating: false,
  slot: 'none',
  startsAfterMaintenance: false,
};
const FACTS: GateFacts = {
  task: TASK,
  pauses: { global: null, groups: {} },
  maintenance: null,
  classes: null,
  origins: new Map(),
  group: { running: 0, maxRunning: 2 },
  holders: [],
  targetHolder: null,
};

function closed(facts: Partial<GateFacts>): unknown[] {
  return decideGates({ ...FACTS, ...facts })
    .filter(({ isOpen }) => !isOpen)
    .map(({ code, since, by, taskIds, group }) => ({ code, since, by, taskIds, group }));
}

describe('the gates of a task', () => {
  it('are all open for one that lacks only a worker, and all of them are told', () => {
    const gates = decideGates(FACTS);
    expect(gates.map(({ code }) => code)).toEqual([
      'task-paused',
      'all-paused',
      'group-paused',
      'target-in-use',
      'group-full',
    ]);
    expect(gates.every(({ isOpen }) => isOpen)).toBe(true);
  });

  it('name the class that no living node has, and nothing of it when one has it or a node does not say', () => {
    const gates = decideGates({ ...FACTS, classes: new Set(['2 Free']) });
    const sentence = 'No living node has version 1 of Free.';
    expect(gates.filter(({ isOpen }) => !isOpen)).toMatchObject([{ code: 'class-missing', sentence }]);
    expect(closed({ classes: new Set(['1 Free', '2 Free']) })).toEqual([]);
  });

  it('name who paused, and since when', () => {
    const origins = new Map([
      ['all', { at: AT, by: 'ann' }],
      ['task/7', { at: AT, by: 'bob' }],
    ]);
    const since = AT.toISOString();
    const pauses = { global: 'soft', groups: { nightly: 'hard' } } as const;
    expect(closed({ task: { ...TASK, paused: true }, pauses, origins })).toEqual([
      { code: 'task-paused', since, by: 'bob', taskIds: [], group: null },
      { code: 'all-paused', since, by: 'ann', taskIds: [], group: null },
      { code: 'group-paused', since: null, by: null, taskIds: [], group: 'nightly' },
    ]);
  });

  it('name the tasks that hold the slots and the target', () => {
    const facts = { group: { running: 2, maxRunning: 2 }, holders: HOLDERS, targetHolder: HOLDERS[0]! };
    expect(closed(facts)).toEqual([
      { code: 'target-in-use', since: '2026-01-01T12:00:01.000Z', by: null, taskIds: [1], group: null },
      { code: 'group-full', since: '2026-01-01T12:00:02.000Z', by: null, taskIds: [1, 2], group: 'nightly' },
    ]);
  });

  it('of a task that came during a maintenance have its end among them', () => {
    const task = { ...TASK, startsAfterMaintenance: true };
    const maintenance = { reason: null, since: AT.toISOString(), by: 'ann' };
    const gate = { code: 'maintenance', since: AT.toISOString(), by: 'ann', taskIds: [], group: null };
    expect(closed({ task, maintenance })).toEqual([gate]);
    expect(closed({ task })).toEqual([]);
    expect(closed({ maintenance })).toEqual([]);
  });

  it('of a started task are its pauses, and a soft one holds it not', () => {
    const task = { ...TASK, status: TASK_STATUS.WAITING, slot: 'own' } as const;
    expect(decideGates({ ...FACTS, task })).toHaveLength(3);
    expect(closed({ task, pauses: { global: 'soft', groups: { nightly: 'soft' } } })).toEqual([]);
    expect(closed({ task, pauses: { global: 'hard', groups: {} } })).toMatchObject([{ code: 'all-paused' }]);
  });

  it('of a task that was not released begin with that; of an ended one there are none', () => {
    expect(closed({ task: { ...TASK, status: TASK_STATUS.NOT_READY } })).toMatchObject([{ code: 'not-released' }]);
    expect(decideGates({ ...FACTS, task: { ...TASK, status: TASK_STATUS.COMPLETE } })).toEqual([]);
  });

  it('of a child have no slot: it runs in that of its parent', () => {
    const child = { ...TASK, isChild: true };
    expect(decideGates({ ...FACTS, task: child }).map(({ code }) => code)).not.toContain('group-full');
  });
});
