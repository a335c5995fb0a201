import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DevSystem } from '../kit/dev-system.ts';
import { buildFile, git, makeBareRepository, makeRepository } from '../kit/git-place.ts';
import { Workplace } from '../kit/program.ts';

let place: Workplace;
let dev: DevSystem;
beforeAll(async () => {
  place = new Workplace();
  dev = await DevSystem.start(place);
});
afterAll(async () => {
  await dev.close();
  await place.becomesQuiet();
  place.remove();
});

describe('what an order of a build says', { timeout: 120_000 }, () => {
  it('mergeRef: the merge is built and not main, and a merge ref that does not exist is the error of a user', async () => {
    const source = makeRepository(place.path('app'), {
      'acquia-pipelines.yaml': buildFile('echo this is main > made'),
    });
    const merged = makeRepository(place.path('merged'), {
      'acquia-pipelines.yaml': buildFile('echo "$PIPELINES_MERGE_REF for $PIPELINES_USER" > made'),
    });
    git(source, 'fetch', '--quiet', merged, 'main:refs/pull/7/merge');
    const deployVcsUri = makeBareRepository(place.path('artefact.git'));
    const order = { sourceVcsUri: source, vcsPath: 'main', deployVcsUri, pipelineUser: 'ann' };

    const built = await dev.build({ ...order, mergeRef: 'refs/pull/7/merge' });
    expect(built).toMatchObject({ exitStatus: 'COMPLETED', title: 'Build of main with refs/pull/7/merge' });
    expect(git(deployVcsUri, 'show', 'pipelines-build-main:made')).toBe('refs/pull/7/merge for ann');

    const missing = await dev.build({ ...order, mergeRef: 'refs/pull/8/merge' });
    expect(missing).toMatchObject({ exitStatus: 'ERROR_USER' });
    expect(missing.why).toContain('has no ref "refs/pull/8/merge". Check its name;');
  });

  it('a build without steps for the event build fails, and its source is not deployed', async () => {
    const source = makeRepository(place.path('no-steps'), {
      'acquia-pipelines.yaml': "version: 1.3.0\nevents: {post-deploy: {steps: [{a: {script: 'true'}}]}}\n",
    });
    const deployVcsUri = makeBareRepository(place.path('untouched.git'));
    const task = await dev.build({ sourceVcsUri: source, vcsPath: 'main', deployVcsUri });
    expect(task).toMatchObject({ exitStatus: 'ERROR_USER', cause: 'build-file' });
    expect(task.why).toContain(
      'has no steps for the event "build", so nothing was built and nothing was pushed. Add steps',
    );
    expect(git(deployVcsUri, 'for-each-ref')).toBe('');
  });

  it('without a source address it is refused, and no container is launched', async () => {
    const order = { kind: 'BuildSteps', options: { vcsPath: 'main', deployVcsUri: 'git@example.org:app.git' } };
    await expect(dev.client.addTask(order)).rejects.toThrow(/set sourceVcsUri or vcsUri/);
    expect(
      await dev.query("SELECT id FROM task WHERE options->>'deployVcsUri' = $1", [order.options.deployVcsUri]),
    ).toEqual([]);
  });
});
