import { describe, expect, it } from 'vitest';
import type { TaskSummary } from '../../../controlplane/api/tasks/task-views.ts';
import { launchesOn } from '../../../controlplane/dashboard/clusters/launches-on.ts';
import { inQueueOrder, splitReason } from '../../../controlplane/dashboard/queue/queue-order.ts';

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
    [{ launchType: 'FARGATE' }, 'launchType FARGATE'],
    [{ capacityProviders: [{ capacityProvider: 'spot', weight: 2 }] }, 'capacityProviders spot 2'],
    [{}, '–'],
  ])('says of %o: %s', (launch, said) => expect(launchesOn(launch)).toBe(said));
});
