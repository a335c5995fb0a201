import { describe, expect, it } from 'vitest';
import { BUILD_STEPS } from '../../../controlplane/tasks/kinds.ts';
import { BUILD_STEPS_TABLE } from '../../../controlplane/tasks/build/build-steps-table.ts';
import { parseStateTable } from '../../../controlplane/statetable/parse-table.ts';
import { simulateTask } from '../../testkit/simulate-task.ts';

const options = { vcsPath: 'main', sourceVcsUri: 'https://git.example/app.git' };

const BUILD_FILE = {
  version: '1.0.0',
  variables: { global: {} },
  sshKeys: {},
  services: [],
  events: { build: { steps: [{ name: 'one', type: 'script', script: ['true'], line: 4, scriptLines: [5] }] } },
  warnings: [],
  fileName: 'acquia-pipelines.yaml',
  commit: 'c0ffee',
};

/** The states between the proof of the container and its release: there the agent is asked to do something. */
const WORKING = parseStateTable(BUILD_STEPS_TABLE)
  .states.filter(({ transitions }) => transitions.some(({ target }) => target === 'containerTerminated'))
  .map(({ name }) => name)
  .filter((name) => !name.startsWith('containerWip'));

describe('a container that begins to end as the task enters a state, before its last words have come', () => {
  it('is tried in each state that works in it', () => {
    expect(WORKING).toContain('executeBuildScript');
  });

  it.each(WORKING)('ends the task for its own reason, and not as a failure of the build, in %s', async (state) => {
    const run = await simulateTask(BUILD_STEPS, {
      options,
      container: { end: { at: state, cause: 'limit-disk' } },
      processes: {
        ensureBuildUser: { stdout: '/home/build' },
        exportBuildFileAsJson: { stdout: JSON.stringify(BUILD_FILE) },
        executeBuildScript: { runsFor: '10 m', silentAfter: '1 m' },
      },
    });
    expect(run.exit, run.explain()).toMatchObject({ status: 'ERROR_USER', cause: 'limit-disk' });
  });
});
