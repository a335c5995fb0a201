import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findFreePort } from '../kit/network/free-port.ts';
import { buildFile, git, makeBareRepository, makeRepository } from '../kit/builds/git-place.ts';
import { useDevSystem } from '../kit/programs/use-dev-system.ts';

const system = useDevSystem();

describe('what an order of a build says', () => {
  it('mergeRef: the merge is built and not main, and a merge ref that does not exist is the error of a user', async () => {
    const source = makeRepository(system.place.path('app'), {
      'acquia-pipelines.yaml': buildFile('echo this is main > made'),
    });
    const merged = makeRepository(system.place.path('merged'), {
      'acquia-pipelines.yaml': buildFile('echo "$PIPELINES_MERGE_REF for $PIPELINES_USER" > made'),
    });
    git(source, 'fetch', '--quiet', merged, 'main:refs/pull/7/merge');
    const deployVcsUri = makeBareRepository(system.place.path('artefact.git'));
    const order = { sourceVcsUri: source, vcsPath: 'main', deployVcsUri, pipelineUser: 'ann' };

    const built = await system.dev.build({ ...order, mergeRef: 'refs/pull/7/merge' });
    expect(built).toMatchObject({
      exitStatus: 'COMPLETED',
      title: 'Build of main with refs/pull/7/merge',
      builtCommit: git(source, 'rev-parse', 'refs/pull/7/merge'),
      artefactCommit: git(deployVcsUri, 'rev-parse', 'pipelines-build-main'),
    });
    expect(git(deployVcsUri, 'show', 'pipelines-build-main:made')).toBe('refs/pull/7/merge for ann');

    const missing = await system.dev.build({ ...order, mergeRef: 'refs/pull/8/merge' });
    expect(missing).toMatchObject({ exitStatus: 'ERROR_USER', cause: 'source', fault: 'user' });
    expect(missing.why).toContain('has no ref "refs/pull/8/merge". Check its name;');
  });

  it('an unreachable git host is not the user’s build file: it is asked again, and the system’s to mend', async () => {
    const sourceVcsUri = `http://127.0.0.1:${await findFreePort()}/app.git`;
    const task = await system.dev.build({ sourceVcsUri, vcsPath: 'main' });
    expect(task).toMatchObject({ exitStatus: 'ERROR_SYSTEM', cause: 'source', fault: 'system' });
    expect(task.why).toMatch(
      /^The source repository http:\/\/127\.0\.0\.1:\d+\/app\.git cannot be read: .*Failed to connect.*; tried 5 times\./,
    );
  });

  it('a rejected artefact is told in the status line, in the words of the repository', async () => {
    const source = makeRepository(system.place.path('rejected'), { 'acquia-pipelines.yaml': buildFile('touch made') });
    const deployVcsUri = makeBareRepository(system.place.path('guarded.git'));
    const hook = '#!/bin/sh\necho "artefacts are frozen until Monday" >&2\nexit 1\n';
    writeFileSync(join(deployVcsUri, 'hooks', 'pre-receive'), hook, { mode: 0o755 });
    const task = await system.dev.build({ sourceVcsUri: source, vcsPath: 'main', deployVcsUri });
    expect(task).toMatchObject({
      exitStatus: 'ERROR_USER',
      cause: 'push-rejected',
      builtCommit: git(source, 'rev-parse', 'main'),
      artefactCommit: null,
    });
    expect(task.why).toMatch(
      /^Failed while running the build script\. The repository .* rejected the artefact .*until Monday/,
    );
  });

  it('a build without steps for the event build fails, and its source is not deployed', async () => {
    const source = makeRepository(system.place.path('no-steps'), {
      'acquia-pipelines.yaml': "version: 1.3.0\nevents: {post-deploy: {steps: [{a: {script: 'true'}}]}}\n",
    });
    const deployVcsUri = makeBareRepository(system.place.path('untouched.git'));
    const task = await system.dev.build({ sourceVcsUri: source, vcsPath: 'main', deployVcsUri });
    expect(task).toMatchObject({ exitStatus: 'ERROR_USER', cause: 'build-file' });
    expect(task.why).toContain(
      'has no steps for the event "build", so nothing was built and nothing was pushed. Add steps',
    );
    expect(git(deployVcsUri, 'for-each-ref')).toBe('');
  });

  it('without a source address it is refused, and no container is launched', async () => {
    const order = { kind: 'BuildSteps', options: { vcsPath: 'main', deployVcsUri: 'git@example.org:app.git' } };
    await expect(system.dev.client.addTask(order)).rejects.toThrow(
      /sourceVcsUri is missing, and so is vcsUri: set one of them/,
    );
    expect(
      await system.dev.query("SELECT id FROM task WHERE options->>'deployVcsUri' = $1", [order.options.deployVcsUri]),
    ).toEqual([]);
  });
});
