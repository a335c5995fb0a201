import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildPlace, stepOf, type BuildOutcome } from '../../kit/builds/build-place.ts';

let place: BuildPlace;
beforeEach(() => {
  place = new BuildPlace();
  place.bareRepository('deploy.git');
});
afterEach(() => place.remove());

const BRANCH = 'pipelines-build-main';

/** Exports `source` and runs its build. The artefact goes to deploy.git. */
async function buildAndDeploy(
  environment: Readonly<Record<string, string>> = {},
  argv: readonly string[] = [],
): Promise<BuildOutcome> {
  const common = ['--source-path', 'main', '--workspace', 'workspace'];
  const exported = await place.build(['export', '--source-uri', 'source', ...common]);
  expect(exported).toMatchObject({ exitCode: 0, stderr: '' });
  const deploy = ['--deploy-uri', `file://${place.path('deploy.git')}`];
  return place.build(['run', ...common, ...deploy, ...argv], { environment });
}

function deployed(...args: string[]): string {
  return place.git('deploy.git', ...args);
}

function files(branch = BRANCH): string[] {
  return deployed('ls-tree', '-r', '--name-only', branch).split('\n');
}

describe('the artefact of a build', () => {
  it('is everything in the workspace, ignored files and modes included, as a first commit', async () => {
    const commit = place.repository('source', {
      'acquia-pipelines.yaml': stepOf(
        'mkdir -p vendor',
        'echo made > vendor/lib.txt',
        'echo "#!" > tool',
        'chmod +x tool',
        'ln -s tool link',
      ),
      '.gitignore': 'vendor/\n',
    });
    const outcome = await buildAndDeploy();
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(files()).toEqual(['.gitignore', 'acquia-pipelines.yaml', 'link', 'tool', 'vendor/lib.txt']);
    expect(deployed('ls-tree', BRANCH, 'tool', 'link')).toMatch(/^120000 .*link\n100755 .*tool$/);
    expect(deployed('rev-list', '--count', BRANCH)).toBe('1');
    expect(deployed('log', '-1', '--format=%an <%ae>|%cn|%B', BRANCH)).toBe(
      `Wip <wip@wip.invalid>|Wip|Build of main at ${commit.slice(0, 12)}\n\nSource-Commit: ${commit}`,
    );
    expect(outcome.stdout).toContain(`--- artefact: commit ${deployed('rev-parse', BRANCH)} pushed`);
    expect(readdirSync(place.path('tmp'))).toEqual([]);
  });

  it('comes from and goes to paths with blanks', async () => {
    place.repository('my source', { 'acquia-pipelines.yaml': stepOf('pwd > where') });
    place.bareRepository('my target.git');
    const common = ['--source-path', 'main', '--workspace', 'my workspace'];
    expect(await place.build(['export', '--source-uri', place.path('my source'), ...common])).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
    const deploy = ['--deploy-uri', place.path('my target.git')];
    expect(await place.build(['run', ...common, ...deploy])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(place.git('my target.git', 'show', `${BRANCH}:where`)).toBe(place.path('my workspace'));
  });

  it('has the author, the message and the branch that were asked for', async () => {
    place.repository('source', { 'acquia-pipelines.yaml': stepOf('true') });
    await buildAndDeploy({}, [
      '--deploy-path=release/one',
      '--author=Jane Doe <jane@example.com>',
      '--message=Ünïcode\n\nbody',
    ]);
    expect(deployed('log', '-1', '--format=%an|%ae|%B', 'release/one')).toBe(
      'Jane Doe|jane@example.com|Ünïcode\n\nbody',
    );
  });

  it('goes on top of the last one, without what is no longer made', async () => {
    place.repository('source', { 'acquia-pipelines.yaml': stepOf('touch old') });
    await buildAndDeploy();
    const first = deployed('rev-parse', BRANCH);
    place.commit('source', { 'acquia-pipelines.yaml': stepOf('touch new') });
    expect(await buildAndDeploy()).toMatchObject({ exitCode: 0, stderr: '' });
    expect(files()).toEqual(['acquia-pipelines.yaml', 'new']);
    expect(deployed('rev-parse', `${BRANCH}^`)).toBe(first);
  });

  it('may be the same as the last one: then there is nothing to push', async () => {
    place.repository('source', { 'acquia-pipelines.yaml': stepOf('touch made') });
    await buildAndDeploy();
    const first = deployed('rev-parse', BRANCH);
    const outcome = await buildAndDeploy();
    expect(outcome).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`the same as commit ${first}`) });
    expect(deployed('rev-parse', BRANCH)).toBe(first);
  });

  it('holds the files of submodules and of packages that bring their own .git', async () => {
    place.repository('library', { 'lib.txt': 'lib' });
    place.repository('source', {
      'acquia-pipelines.yaml': stepOf(
        'git init -q pkg',
        'touch pkg/code',
        'mkdir -p a/b',
        'git init -q a/b/c',
        'touch a/b/c/deep',
      ),
    });
    place.git('source', 'submodule', '--quiet', 'add', '../library', 'library');
    place.commit('source', {});
    expect(await buildAndDeploy()).toMatchObject({ exitCode: 0 });
    expect(files()).toEqual(['.gitmodules', 'a/b/c/deep', 'acquia-pipelines.yaml', 'library/lib.txt', 'pkg/code']);
  });

  it('says what git has no form for: FIFOs, sockets and empty directories', async () => {
    const socket = `node -e 'require("net").createServer().listen("s.sock", () => process.kill(process.pid, "SIGKILL"))' || true`;
    place.repository('source', {
      'acquia-pipelines.yaml': stepOf('exec 2>&1', 'mkdir -p a/b c x/.git && touch x/.git/HEAD', 'mkfifo pipe', socket),
    });
    const outcome = await buildAndDeploy();
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(outcome.stdout).toContain(
      'left out, because git has no form for them: 3 empty directories, 1 FIFO, 1 socket (a/b, c, pipe, …)\n',
    );
    expect(files()).toEqual(['acquia-pipelines.yaml']);
  });

  it('is refused with a file whose name is kept for git, which the build has to rename', async () => {
    place.repository('source', { 'acquia-pipelines.yaml': stepOf('mkdir sub sub/.GIT && touch sub/.GIT/config') });
    const { exitCode, stderr } = await buildAndDeploy();
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^GIT_FAILED: .*invalid path 'sub\/\.GIT\/config'.*\. Delete or rename what git names here/);
  });

  it('is warned of when the steps have emptied the workspace', async () => {
    place.repository('source', { 'acquia-pipelines.yaml': stepOf('rm -rf "$SOURCE_DIR"/* "$SOURCE_DIR"/.git') });
    const outcome = await buildAndDeploy();
    expect(outcome).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/^warning: .*the artefact .* is empty\n$/),
    });
    expect(files()).toEqual(['']);
  });

  it('is not pushed when the steps have deleted the workspace', async () => {
    place.repository('source', { 'acquia-pipelines.yaml': stepOf('rm -rf "$SOURCE_DIR"') });
    const outcome = await buildAndDeploy();
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderr).toMatch(/^WORKSPACE_UNUSABLE: .* is not there when the artefact is to be pushed\./);
    expect(deployed('branch')).toBe('');
  });

  it('holds the very bytes that were made, whatever .gitattributes says', async () => {
    place.repository('source', {
      'acquia-pipelines.yaml': stepOf("printf 'a\\r\\nb\\r\\n' > dos.txt"),
      '.gitattributes': '*.txt text eol=lf\n',
    });
    expect(await buildAndDeploy()).toMatchObject({ exitCode: 0 });
    expect(deployed('cat-file', '-s', `${BRANCH}:dos.txt`)).toBe('6');
  });

  it('does not depend on what a step did to the .git of the workspace', async () => {
    const hook = `printf '#!/bin/sh\\ntouch ${place.path('hooked')}\\n' > .git/hooks/pre-push; chmod +x .git/hooks/*`;
    const steps = stepOf(
      'mkdir -p .git/hooks',
      hook,
      'git -c user.name=x -c user.email=y commit -q --allow-empty -m mine',
      'rm .git/index',
    );
    place.repository('source', { 'acquia-pipelines.yaml': steps });
    expect(await buildAndDeploy()).toMatchObject({ exitCode: 0, stderr: '' });
    expect(deployed('rev-list', '--count', BRANCH)).toBe('1');
    place.commit('source', { 'acquia-pipelines.yaml': stepOf('rm -rf .git', 'touch made') });
    expect(await buildAndDeploy()).toMatchObject({ exitCode: 0, stderr: '' });
    expect(files()).toEqual(['acquia-pipelines.yaml', 'made']);
    expect(readdirSync(place.directory)).not.toContain('hooked');
  });

  it('is the user error PUSH_REJECTED, in the words of the other side, when it is refused', async () => {
    place.write({ 'deploy.git/hooks/pre-receive': '#!/bin/sh\necho "this branch is frozen until Monday"\nexit 1\n' });
    chmodSync(place.path('deploy.git/hooks/pre-receive'), 0o755);
    place.repository('source', { 'acquia-pipelines.yaml': stepOf('true') });
    const outcome = await buildAndDeploy();
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderr).toMatch(
      /^PUSH_REJECTED: The repository .* rejected the artefact for the branch "pipelines-build-main": /,
    );
    expect(outcome.stderr).toContain('pre-receive hook declined');
    expect(outcome.stderr).toContain('this branch is frozen until Monday');
  });

  it('is GIT_FAILED when the deploy repository cannot be read', async () => {
    place.repository('source', { 'acquia-pipelines.yaml': stepOf('true') });
    const outcome = await buildAndDeploy({}, ['--deploy-uri', 'nowhere']);
    expect(outcome).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^GIT_FAILED: The deploy repository .*fatal: /),
    });
  });

  it('is pushed with the SSH command for it, which the steps do not see', async () => {
    place.write({ ssh: `#!/bin/sh\necho "$0 $*" >> ${place.path('calls')}\nexit 1\n` });
    place.repository('source', { 'acquia-pipelines.yaml': stepOf('echo "steps have $GIT_SSH_COMMAND"; env') });
    const outcome = await buildAndDeploy(
      { GIT_SSH_COMMAND: 'source-ssh', WIP_DEPLOY_GIT_SSH_COMMAND: `sh ${place.path('ssh')} -deploy` },
      ['--deploy-uri', 'git@example.com:x.git'],
    );
    expect(outcome).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^GIT_FAILED: /) });
    expect(outcome.stdout).toContain('steps have source-ssh\n');
    expect(outcome.stdout).not.toContain('-deploy');
    expect(readFileSync(place.path('calls'), 'utf8')).toMatch(/ssh -deploy .*git@example\.com/);
  });

  it('is pushed only by a build that succeeded', async () => {
    place.repository('source', {
      'acquia-pipelines.yaml': `${stepOf('false')}  post-deploy: {steps: [{a: {script: 'true'}}]}\n`,
    });
    expect(await buildAndDeploy()).toMatchObject({ exitCode: 1 });
    expect(await buildAndDeploy({}, ['--event', 'post-deploy'])).toMatchObject({ exitCode: 0 });
    expect(deployed('branch', '--list')).toBe('');
  });
});
