import { chmodSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildExportFailure, GIT_FAILURES, type GitFailureKind } from '../../../shared/protocol/git-failure.ts';
import { BuildPlace, stepOf, type BuildOptions, type BuildOutcome } from '../../kit/builds/build-place.ts';
import { serveGit } from '../../kit/network/git-http-server.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';

const BRANCH = 'pipelines-build-main';

let place: BuildPlace;
beforeEach(() => {
  place = new BuildPlace();
  place.repository('source', { 'acquia-pipelines.yaml': stepOf('date +%N > made') });
  place.bareRepository('deploy.git');
});
afterEach(() => place.remove());

function exportFrom(uri: string, path = 'main', options: BuildOptions = {}): Promise<BuildOutcome> {
  const argv = ['export', '--source-uri', uri, '--source-path', path, '--workspace', 'workspace'];
  // Its waits are over at once.
  return place.build(argv, { clock: new HastyClock(), ...options });
}

/** The last line, which says why; those above it say why another try was made. */
function lastLine({ stderr }: BuildOutcome): string {
  return `${stderr.trimEnd().split('\n').at(-1)}\n`;
}

async function deployTo(uri: string, branch = BRANCH): Promise<BuildOutcome> {
  expect(await exportFrom('source')).toMatchObject({ exitCode: 0 });
  const run = ['run', '--source-path', 'main', '--workspace', 'workspace'];
  return place.build([...run, '--deploy-uri', uri, '--deploy-path', branch]);
}

function hook(name: string, ...lines: string[]): void {
  place.write({ [`deploy.git/hooks/${name}`]: ['#!/bin/sh', ...lines, ''].join('\n') });
  chmodSync(place.path('deploy.git/hooks', name), 0o755);
}

/** Expects one line of text without characters by which a server could move the cursor. */
function expectOneLine(outcome: BuildOutcome): void {
  expect(lastLine(outcome)).toMatch(/^[^\r\n\x1b]+\n$/);
}

describe('a source that cannot be cloned', () => {
  it.each<[GitFailureKind, number, RegExp]>([
    ['access-denied', 401, /may read this repository/],
    ['access-denied', 403, /may read this repository/],
    ['repository-missing', 404, /Check the address/],
    ['address-invalid', 301, /has moved/],
    ['server-error', 503, /Build again/],
    ['server-error', 429, /Build again/],
  ])('is %s when the server answers %i, for people and for programs', async (kind, status, remedy) => {
    const server = await serveGit(place.directory, () => status);
    const outcome = await exportFrom(`http://127.0.0.1:${server.port}/source`);
    await server.stop();
    expect(outcome.exitCode).toBe(1);
    expect(lastLine(outcome)).toMatch(/^GIT_FAILED: The source repository \S+ cannot be read: .*fatal: /);
    expect(lastLine(outcome)).toMatch(remedy);
    expectOneLine(outcome);
    const { failure } = BuildExportFailure.parse(JSON.parse(outcome.stdout));
    expect(failure).toMatchObject({ code: 'GIT_FAILED', kind, ...GIT_FAILURES[kind] });
    expect(lastLine(outcome)).toBe(`GIT_FAILED: ${failure.message}\n`);
  });

  it.each<[GitFailureKind, string]>([
    ['unreachable', 'http://127.0.0.1:1/x.git'],
    ['unreachable', 'ssh://git@127.0.0.1:1/x.git'],
    ['unreachable', 'git://127.0.0.1:1/x.git'],
    ['repository-missing', 'file:///nowhere/at/all'],
    ['repository-missing', 'nowhere'],
  ])('is %s: %s', async (kind, uri) => {
    const outcome = await exportFrom(uri);
    expect(outcome.exitCode).toBe(1);
    expect(BuildExportFailure.parse(JSON.parse(outcome.stdout)).failure).toMatchObject({ kind });
    expectOneLine(outcome);
  });

  it.each([
    ['feature', /has no branch or tag "feature"\. .*main\.\n$/],
    ['refs/pull/7/merge', /has no ref "refs\/pull\/7\/merge"\. Check its name; .*closed or has conflicts\.\n$/],
    ['refs/heads/feature', /has no branch or tag "refs\/heads\/feature"/],
  ])('is the user error of a missing ref: %s', async (path, sentence) => {
    const outcome = await exportFrom('source', path);
    expect(outcome).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(sentence) });
    const { failure } = BuildExportFailure.parse(JSON.parse(outcome.stdout));
    expect(failure).toMatchObject({ kind: 'ref-missing', fault: 'user', retryable: false });
  });
});

describe('the merge ref of a pull request', () => {
  it('is what is built, with the commit that it names', async () => {
    const main = place.git('source', 'rev-parse', 'main');
    const merge = place.commit('source', { 'acquia-pipelines.yaml': stepOf('echo merged > made') });
    place.git('source', 'update-ref', 'refs/pull/7/merge', merge);
    place.git('source', 'reset', '--quiet', '--hard', main);
    // A branch with the same name as the ref must not be taken for it.
    place.git('source', 'update-ref', 'refs/heads/refs/pull/7/merge', main);
    const exported = await exportFrom('source', 'refs/pull/7/merge');
    expect(exported).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(exported.stdout)).toMatchObject({ commit: merge });
    const run = ['run', '--source-path', 'main', '--workspace', 'workspace', '--deploy-uri', 'deploy.git'];
    const environment = { PIPELINES_MERGE_REF: 'refs/pull/7/merge' };
    expect(await place.build(run, { environment })).toMatchObject({ exitCode: 0, stderr: '' });
    expect(place.git('deploy.git', 'show', `${BRANCH}:made`)).toBe('merged');
    expect(place.git('deploy.git', 'log', '-1', '--format=%s', BRANCH)).toBe(
      `Build of main with refs/pull/7/merge at ${merge.slice(0, 12)}`,
    );
  });
});

describe('an artefact that cannot be committed', () => {
  it('names the file, and speaks of no key', async () => {
    place.commit('source', { 'acquia-pipelines.yaml': stepOf('mkdir .GIT; touch .GIT/config') });
    const outcome = await deployTo('deploy.git');
    expect(outcome.stderr).toMatch(
      /^GIT_FAILED: The artefact cannot be committed: .*\.GIT\/config.* Delete or rename what git names here/,
    );
    expectOneLine(outcome);
  });
});

describe('an artefact that is refused', () => {
  it('because its branch would lie in another one: deploy to another name', async () => {
    expect(await deployTo('deploy.git', 'live')).toMatchObject({ exitCode: 0 });
    const outcome = await deployTo('deploy.git', 'live/eu');
    expect(outcome.stderr).toMatch(/^PUSH_REJECTED: .*'refs\/heads\/live' exists.*Deploy to a branch whose name/);
    expectOneLine(outcome);
  });

  it('because the branch got another commit meanwhile: build again', async () => {
    expect(await deployTo('deploy.git')).toMatchObject({ exitCode: 0 });
    const other = `$(git -c user.name=x -c user.email=x@x commit-tree -m other ${BRANCH}^{tree})`;
    hook('pre-receive', 'unset GIT_QUARANTINE_PATH', `git update-ref refs/heads/${BRANCH} ${other}`);
    const outcome = await deployTo('deploy.git');
    expect(outcome.stderr).toMatch(/^PUSH_REJECTED: .*Build again: the artefact then goes on top/);
    expectOneLine(outcome);
  });

  it('by a hook, in its words and on one line: do what the rules ask for', async () => {
    const color = '\\033[31mfrozen\\033[0m';
    hook('pre-receive', `printf 'permission denied?\\rno: ${color} until\\n\\nMonday\\n' >&2`, 'exit 1');
    const outcome = await deployTo('deploy.git');
    expect(outcome.stderr).toMatch(/^PUSH_REJECTED: .*pre-receive hook declined.*frozen until; .*Monday/);
    expect(outcome.stderr).toMatch(/\. Do what the rules of the repository ask for/);
    expectOneLine(outcome);
  });

  it('because it is too large: deploy less', async () => {
    place.git('deploy.git', 'config', 'receive.maxInputSize', '10');
    const outcome = await deployTo('deploy.git');
    expect(outcome.stderr).toMatch(/maximum allowed size.*Let the build delete big files/);
    expectOneLine(outcome);
  });

  it('because a file of it is too large for the server', async () => {
    hook(
      'pre-receive',
      'echo "error: File made is 123.00 MB; this exceeds GitHub\'s file size limit of 100.00 MB" >&2',
      'exit 1',
    );
    expect((await deployTo('deploy.git')).stderr).toMatch(/^PUSH_REJECTED: .*Let the build delete big files/);
  });

  it('because the branch is checked out there: allow it', async () => {
    place.repository('checkout', { x: '' });
    const outcome = await deployTo(`file://${place.path('checkout')}`, 'main');
    expect(outcome.stderr).toMatch(/^PUSH_REJECTED: .*Allow the deploy key to push to this branch/);
    expectOneLine(outcome);
  });

  it('because the key may only read: check its rights', async () => {
    const server = await serveGit(place.directory, ({ url }) => (url?.includes('receive-pack') ? 403 : undefined));
    const outcome = await deployTo(`http://127.0.0.1:${server.port}/deploy.git`);
    await server.stop();
    expect(outcome.stderr).toMatch(
      /^GIT_FAILED: Pushing to \S+ failed: .*403.* Check that the deploy key, .* read and write/,
    );
    expectOneLine(outcome);
  });
});
