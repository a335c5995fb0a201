import { describe, expect, it } from 'vitest';
import { CANARY } from '../../../controlplane/tasks/kinds.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { carelessKind } from '../../kit/kinds/careless-wip.ts';
import { simulateScript, simulateTask } from '../../testkit/simulate-task.ts';

async function exitOf(work: (context: WipContext) => unknown) {
  return (await simulateScript(carelessKind(work), {})).exit;
}

const EXPLAINED = { fault: 'configuration', remedy: 'Raise the limit', evidence: ['used 3 of 2 GB'] } as const;

describe('the exit of a simulated run', () => {
  it('shows the fault, the remedy and the evidence that the class gave', async () => {
    const exit = { cause: 'too-large', ...EXPLAINED };
    expect(await exitOf((context) => context.exit('ERROR_USER', 'The dump is too large.', exit))).toEqual({
      status: 'ERROR_USER',
      message: 'The dump is too large.',
      ...exit,
    });
  });

  it('shows them without a cause too', async () => {
    expect(await exitOf((context) => context.exit('ERROR_USER', 'It is too large.', EXPLAINED))).toEqual({
      status: 'ERROR_USER',
      message: 'It is too large.',
      ...EXPLAINED,
    });
  });

  it('shows none of an earlier exit that another one has replaced', async () => {
    const exit = await exitOf((context) => {
      context.exit('ERROR_USER', 'It is too large.', EXPLAINED);
      context.exit('ERROR_SYSTEM', 'The disk is broken.');
    });
    expect(exit).toEqual({ status: 'ERROR_SYSTEM', message: 'The disk is broken.', fault: 'system' });
  });

  it.each([
    ['ERROR_USER', 'user'],
    ['ERROR_SYSTEM', 'system'],
    ['WARNING', undefined],
    ['COMPLETED', undefined],
  ] as const)('says whose doing %s was when the class did not', async (status, fault) => {
    expect((await exitOf((context) => context.exit(status, 'It is over.'))).fault).toBe(fault);
  });

  it('shows whose fault a lost container is, and explains what to do', async () => {
    const run = await simulateTask(CANARY, { container: { launch: 'refused' } });
    expect(run.exit).toMatchObject({ status: 'ERROR_SYSTEM', fault: 'configuration' });
    expect(run.exit.remedy).toMatch(/\w/);
    expect(run.explain()).toContain(`\n  fault: configuration\n  remedy: ${run.exit.remedy}\nThe path:`);
  });
});
