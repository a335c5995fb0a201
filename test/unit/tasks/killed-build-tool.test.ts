import { describe, expect, it } from 'vitest';
import { BUILD_STEPS } from '../../../controlplane/tasks/kinds.ts';
import { toolEnding } from '../../../controlplane/tasks/build/tool-sentence.ts';
import { assertEndedWith } from '../../testkit/assertions.ts';
import { SIMULATED_EXPORT } from '../../testkit/agent/simulated-build.ts';
import type { ProcessScript } from '../../testkit/process-script.ts';
import { simulateTask } from '../../testkit/simulate-task.ts';

const options = { vcsPath: 'main', vcsUri: 'git@example.org:app.git' };

describe('a build whose tool did not end by itself', () => {
  it.each<[string, ProcessScript, string]>([
    ['is killed', { killedBy: 'SIGKILL' }, 'The build tool was ended by SIGKILL.'],
    [
      'is killed for want of memory',
      { outOfMemory: true },
      'The build tool was ended by SIGKILL because the memory of the container was used up.',
    ],
  ])('says so when it %s', async (_what, executeBuildScript, sentence) => {
    const processes = {
      ensureBuildUser: { stdout: '/home/build' },
      exportBuildFileAsJson: { stdout: JSON.stringify(SIMULATED_EXPORT) },
      executeBuildScript,
    };
    const run = await simulateTask(BUILD_STEPS, { options, processes });
    assertEndedWith(run, 'ERROR_USER', `Failed while running the build script. ${sentence}`);
    expect(run).toMatchObject({ exit: { cause: 'build-failed' } });
  });

  it('says so when it fails with a code of its own for want of memory', () => {
    expect(toolEnding({ signal: null, reason: 'oom' })).toBe('The memory of the container was used up.');
    expect(toolEnding({ signal: null, reason: 'exited' })).toBeNull();
  });
});
