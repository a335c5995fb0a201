import { describe, expect, it } from 'vitest';
import { CONTAINER_WIP } from '../../../controlplane/tasks/kinds.ts';
import type { TaskScript } from '../../testkit/script.ts';
import { simulateTask } from '../../testkit/simulate-task.ts';
import type { SimulatedRun } from '../../testkit/simulated-run.ts';
import '../../testkit/vitest.ts';

type Fails = NonNullable<TaskScript['interactions']>[number]['fails'];

/** Runs a task whose container answers so the first times that it is asked about its resources. */
function checkResources(fails: Fails, times: number): Promise<SimulatedRun> {
  const rule = { call: 'health', at: 'containerWipCheckResources', fails, times } as const;
  return simulateTask(CONTAINER_WIP, { interactions: [rule] });
}

function answersOf({ steps }: SimulatedRun): (string | null)[] {
  return steps.filter(({ from }) => from === 'containerWipCheckResources').map(({ value }) => value);
}

describe('the resources of a container', () => {
  it('waits for a container that does not answer, and goes on when it does', async () => {
    const run = await checkResources('timeout', 2);
    expect(answersOf(run)).toEqual(['no_information', 'success']);
    expect(run).toEndWith('COMPLETED');
  });

  it('waits for a container whose port is closed for a moment, and goes on when it opens', async () => {
    const run = await checkResources('refused', 2);
    expect(answersOf(run)).toEqual(['no_information', 'success']);
    expect(run).toEndWith('COMPLETED');
  });

  it('fails when the agent refuses', async () => {
    const run = await checkResources('AGENT_NOT_ALLOWED', 1);
    expect(answersOf(run)).toEqual(['fail']);
    expect(run).toEndWith('ERROR_SYSTEM');
    expect(run).toBeReleased();
  });
});
