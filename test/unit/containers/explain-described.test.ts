import { describe, expect, it } from 'vitest';
import {
  explainDescribedFailure,
  explainDescribedTask,
  type DescribedTask,
} from '../../../controlplane/containers/causes/explain-described.ts';

function causeOf(task: DescribedTask): string | null {
  return explainDescribedTask(task).cause;
}

describe('a task as ECS describes it', () => {
  it.each<[string, DescribedTask, string | null]>([
    [
      'an essential container that failed beside one that was through',
      {
        stopCode: 'EssentialContainerExited',
        stoppedReason: 'Essential container in task exited',
        containers: [
          { name: 'proxy', exitCode: 0 },
          { name: 'build', exitCode: 137 },
        ],
      },
      'killed',
    ],
    [
      'the container that ECS gives a reason for',
      {
        stopCode: 'EssentialContainerExited',
        stoppedReason: 'Essential container in task exited',
        containers: [
          { exitCode: 1 },
          { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' },
        ],
      },
      'out-of-memory',
    ],
    [
      "the build's container, where a helper has a reason too",
      {
        stopCode: 'EssentialContainerExited',
        stoppedReason: 'Essential container in task exited',
        containers: [
          { name: 'proxy', exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' },
          { name: 'build', exitCode: 3 },
        ],
        overrides: { containerOverrides: [{ name: 'build', environment: [{ name: 'SIGNAL_URL' }] }] },
      },
      'container-exited',
    ],
    [
      'a volume whose attachment says why',
      {
        lastStatus: 'STOPPED',
        stopCode: 'TaskFailedToStart',
        stoppedReason: 'Task failed to start',
        attachments: [
          {
            details: [
              { name: 'statusReason', value: 'ECS was unable to assume the configured ECS Infrastructure Role' },
            ],
          },
        ],
      },
      'role-not-assumable',
    ],
    [
      'a task that never had a container',
      { stopCode: 'TaskFailedToStart', stoppedReason: 'AGENT', containers: [] },
      'host-agent-disconnected',
    ],
    ['null for what ECS does not know', { stopCode: null, stoppedReason: null, containers: null }, 'unknown'],
    ['nothing', {}, 'unknown'],
    [
      'a task on its way to a stop that has been ordered',
      { lastStatus: 'DEACTIVATING', stopCode: 'SpotInterruption' },
      'spot-interruption',
    ],
    ['a running task', { lastStatus: 'RUNNING' }, null],
  ])('%s', (_name, task, cause) => {
    expect(causeOf(task)).toBe(cause);
  });

  it.each([
    [{ memory: '2048', containers: [{ memory: '512', exitCode: 137, reason: 'OutOfMemoryError' }] }, '537 MB'],
    [{ memory: '2048', containers: [{ memory: '0', exitCode: 137, reason: 'OutOfMemoryError' }] }, '2.1 GB'],
    [{ memory: 'lots', containers: [{ exitCode: 137, reason: 'OutOfMemoryError' }] }, null],
  ])('names the memory limit of the container, else of the task: %o', (task, limit) => {
    const sentence = `The container needed more memory than its limit${limit === null ? '' : ` of ${limit}`} and was killed`;
    expect(explainDescribedTask(task).sentence).toBe(sentence);
  });

  it('has not ended while it runs, whatever exit codes are missing', () => {
    expect(explainDescribedTask({ lastStatus: 'PENDING', containers: [{}] })).toMatchObject({
      cause: null,
      fault: null,
      retry: null,
      sentence: 'The task has not ended: ECS says PENDING',
    });
  });
});

describe('a failure in an answer of ECS', () => {
  it.each([
    [{ reason: 'RESOURCE:MEMORY' }, 'no-capacity'],
    [{ reason: 'AGENT' }, 'host-agent-disconnected'],
    [{ arn: 'arn:aws:ecs:eu-west-1:1:task/default/0', reason: 'MISSING' }, 'task-missing'],
    [{ arn: 'arn:aws:ecs:eu-west-1:1:task-definition/build:1', reason: 'MISSING' }, 'definition-missing'],
    [{ reason: 'You’ve reached the limit on the number of vCPUs you can run concurrently' }, 'quota-reached'],
  ])('%o', (failure, cause) => {
    expect(explainDescribedFailure(failure).cause).toBe(cause);
  });
});
