import { describe, expect, it } from 'vitest';
import { stateSinceOf } from '../../../controlplane/api/tasks/why/state-since.ts';
import { TASK_STATUS } from '../../../shared/model/status.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 30, 15, minute));
const QUEUED = {
  status: TASK_STATUS.NOT_STARTED,
  slot: 'none',
  createdAt: at(0),
  startedAt: null,
  completedAt: null,
  wakeAt: at(0),
} as const;

describe('since when a task is what it is', () => {
  it('is its restart when it was restarted and waits in the queue, and not the time it was added', () => {
    const restarted = { ...QUEUED, status: TASK_STATUS.RESTARTED, wakeAt: at(9) };
    expect(stateSinceOf(restarted, null)).toEqual(at(9));
    expect(stateSinceOf({ ...restarted, slot: 'own', startedAt: at(9), wakeAt: at(2) }, null)).toEqual(at(9));
    expect(stateSinceOf(QUEUED, null)).toEqual(at(0));
  });

  it('is its entry into the state, its start before the first, and its end', () => {
    const running = {
      ...QUEUED,
      status: TASK_STATUS.PROCESSING,
      slot: 'own',
      startedAt: at(3),
      wakeAt: at(2),
    } as const;
    expect(stateSinceOf(running, at(5))).toEqual(at(5));
    expect(stateSinceOf(running, null)).toEqual(at(3));
    expect(stateSinceOf({ ...running, status: TASK_STATUS.COMPLETE, completedAt: at(8) }, at(5))).toEqual(at(8));
  });
});
