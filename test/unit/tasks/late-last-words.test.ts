import { describe, expect, it } from 'vitest';
import { BUILD_STEPS } from '../../../controlplane/tasks/kinds.ts';
import { SIMULATED_EXPORT } from '../../testkit/agent/simulated-build.ts';
import type { SimulatedRun } from '../../testkit/simulated-run.ts';
import { simulateTask } from '../../testkit/simulate-task.ts';
import type { TaskScript } from '../../testkit/script.ts';

type Cause = NonNullable<NonNullable<TaskScript['container']>['end']>['cause'];

function buildEndedBy(cause: Cause, signals: TaskScript['signals']): Promise<SimulatedRun> {
  return simulateTask(BUILD_STEPS, {
    options: { vcsPath: 'main', vcsUri: 'git@example.org:app.git' },
    processes: {
      ensureBuildUser: { stdout: '/home/build' },
      exportBuildFileAsJson: { stdout: JSON.stringify(SIMULATED_EXPORT) },
    },
    container: { end: { at: 'executeBuildScript', when: 'after-method', cause } },
    signals,
  });
}

describe('an agent whose last words come after the end of the process that it killed', () => {
  it.each([1, 5, 20])(
    'says why, although they are %i s late: the task said "terminated unexpectedly"',
    async (late) => {
      const { exit } = await buildEndedBy('limit-time', [
        { signal: 'output', late },
        { signal: 'exit', late },
      ]);
      expect([exit.status, exit.cause]).toEqual(['ERROR_USER', 'limit-time']);
      expect(exit.message).toMatch(/^The time limit was exceeded/);
    },
  );

  it('is not waited for longer than a minute: the end of the process says the cause', async () => {
    const { exit, elapsed } = await buildEndedBy('limit-disk', [
      { signal: 'output', lost: true },
      { signal: 'exit', lost: true },
    ]);
    expect(exit).toMatchObject({ status: 'ERROR_USER', cause: 'limit-disk' });
    expect(exit.message).toMatch(/^The build used more disk than it may/);
    // ECS only knows an exit code, and would say that the container ended by itself.
    expect(exit.detail).toMatch(/^The agent of the container ended its process for that, and its last signals/);
    expect(elapsed).toBeLessThan(120);
  });

  it('leaves to ECS who sent a SIGTERM', async () => {
    const { exit } = await buildEndedBy('operator', [
      { signal: 'output', late: 40 },
      { signal: 'exit', late: 40 },
    ]);
    expect(exit.cause).toBe('stopped-by-operator');
    expect(exit.message).toMatch(/Somebody stopped the container in ECS/);
  });
});
