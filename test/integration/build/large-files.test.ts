import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildExport } from '../../../shared/protocol/build-export.ts';
import { BuildExportFailure } from '../../../shared/protocol/git-failure.ts';
import { skipped } from '../../kit/agent/agent-suite.ts';
import { BuildPlace, stepOf, type BuildOutcome } from '../../kit/builds/build-place.ts';
import { lacking } from '../../kit/lacking.ts';
import { serveGitWithLargeFiles, type LfsHttpServer } from '../../kit/network/lfs-http-server.ts';

const CONTENT = 'the real bytes\n'.repeat(100);
const BRANCH = 'pipelines-build-main';

function hasGitLfs(): boolean {
  try {
    execFileSync('git', ['lfs', 'version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const reason = lacking('git-lfs', hasGitLfs(), 'git-lfs');

let place: BuildPlace;
beforeEach(() => void (place = new BuildPlace()));
afterEach(() => place.remove());

/** Makes a source with one file in Git LFS by hand, so that no git-lfs is needed. */
function makeSource(name = 'source'): void {
  const oid = createHash('sha256').update(CONTENT).digest('hex');
  place.repository(name, {
    'acquia-pipelines.yaml': stepOf('cp media/film.bin copy'),
    '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
    'media/film.bin': `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${CONTENT.length}\n`,
    'about.txt': 'version https://git-lfs.github.com/spec/v1 is the first line of a pointer\n',
  });
  place.write({ [`${name}/.git/lfs/objects/${oid.slice(0, 2)}/${oid.slice(2, 4)}/${oid}`]: CONTENT });
}

function exportSource(
  environment: Record<string, string> = {},
  lookupHost?: (host: string) => Promise<readonly string[]>,
): Promise<BuildOutcome> {
  const uri = `file://${place.path('source')}`;
  const argv = ['export', '--source-uri', uri, '--source-path', 'main', '--workspace', 'workspace'];
  return place.build(argv, {
    environment: { HOME: place.directory, ...environment },
    ...(lookupHost && { lookupHost }),
  });
}

/** Exports a private repository over HTTP, whose media/film.bin lies in Git LFS at the same server. */
async function exportOverHttp(prepare: (server: LfsHttpServer) => void): Promise<BuildOutcome> {
  makeSource();
  place.git('.', 'clone', '--quiet', '--bare', 'source', 'served/source.git');
  const server = await serveGitWithLargeFiles(place.path('served'), 'geheim');
  try {
    prepare(server);
    const uri = `${server.url.replace('//', '//user:geheim@')}/source.git`;
    const argv = ['export', '--source-uri', uri, '--source-path', 'main', '--workspace', 'workspace'];
    return await place.build(argv, { environment: { HOME: place.directory } });
  } finally {
    await server.stop();
  }
}

/** Returns a PATH whose git has no lfs. */
function withoutGitLfs(): Record<string, string> {
  const script = 'for a in "$@"; do [ "$a" = lfs ] && { echo "git: lfs is not a git command" >&2; exit 1; }; done';
  place.write({ 'bin/git': `#!/bin/sh\n${script}\nPATH=\${PATH#*:} exec git "$@"\n` });
  chmodSync(place.path('bin', 'git'), 0o755);
  return { PATH: `${place.path('bin')}:${place.environment['PATH']}` };
}

describe('files in Git LFS', () => {
  it.skipIf(reason)(`are fetched by git-lfs, built and deployed with their content${skipped(reason)}`, async () => {
    makeSource();
    expect(await exportSource()).toMatchObject({ exitCode: 0, stderr: '' });
    expect(readFileSync(place.path('workspace/media/film.bin'), 'utf8')).toBe(CONTENT);
    expect(place.git('workspace', 'status', '--porcelain')).toBe('');
    place.bareRepository('deploy.git');
    const run = ['run', '--source-path', 'main', '--workspace', 'workspace', '--deploy-uri', 'deploy.git'];
    expect(await place.build(run)).toMatchObject({ exitCode: 0, stderr: '' });
    for (const path of ['media/film.bin', 'copy']) {
      expect(place.git('deploy.git', 'show', `${BRANCH}:${path}`)).toBe(CONTENT.trim());
    }
  });

  it.skipIf(reason)(`of a private repository come over HTTP with its user and password${skipped(reason)}`, async () => {
    expect(await exportOverHttp((server) => server.add(CONTENT))).toMatchObject({ exitCode: 0, stderr: '' });
    expect(readFileSync(place.path('workspace/media/film.bin'), 'utf8')).toBe(CONTENT);
    expect(place.git('workspace', 'status', '--porcelain')).toBe('');
  });

  it.skipIf(reason)(
    `that the server does not have are told by their names, not as a missing repository${skipped(reason)}`,
    async () => {
      const missing = 'GIT_FAILED: The server has not all files of Git LFS (media/film.bin): ';
      const inBatch = await exportOverHttp(() => undefined);
      expect(inBatch).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(missing) as string });
      expect(inBatch.stderr).toContain('with "git lfs push --all origin"');
      expect(BuildExportFailure.parse(JSON.parse(inBatch.stdout)).failure).toMatchObject({ kind: 'ref-missing' });
    },
  );

  it.skipIf(reason)(
    `that the server may not show are told as access denied, without the password${skipped(reason)}`,
    async () => {
      const denied = await exportOverHttp((server) => server.failWith('batch', 403));
      expect(BuildExportFailure.parse(JSON.parse(denied.stdout)).failure).toMatchObject({ kind: 'access-denied' });
      expect(denied.stderr).not.toContain('geheim');
    },
  );

  it.skipIf(reason)(`of a submodule are fetched too${skipped(reason)}`, async () => {
    makeSource('library');
    place.repository('source', { 'acquia-pipelines.yaml': stepOf('true') });
    place.git('source', 'submodule', '--quiet', 'add', `file://${place.path('library')}`, 'library');
    place.commit('source', {});
    expect(await exportSource()).toMatchObject({ exitCode: 0, stderr: '' });
    expect(readFileSync(place.path('workspace/library/media/film.bin'), 'utf8')).toBe(CONTENT);
  });

  it.skipIf(reason)(
    `that the server does not have are an error, and no pointer is built${skipped(reason)}`,
    async () => {
      makeSource();
      execFileSync('rm', ['-rf', place.path('source/.git/lfs')]);
      const outcome = await exportSource();
      expect(outcome).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(
          /^GIT_FAILED: The server has not all files of Git LFS \(media\/film\.bin\): [^\r\n]+ Push them from a clone that has them, [^\r\n]+\n$/,
        ),
      });
    },
  );

  it.skipIf(reason)(`are not fetched from a server that repositories may not be on${skipped(reason)}`, async () => {
    makeSource();
    place.commit('source', { '.lfsconfig': '[lfs]\n\turl = http://metadata.example/lfs\n' });
    const lookedUp: string[] = [];
    const outcome = await exportSource({}, (host) => {
      lookedUp.push(host);
      return Promise.resolve(['169.254.169.254']);
    });
    expect(outcome).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^REPOSITORY_REFUSED: .*metadata\.example/),
    });
    expect(lookedUp).toEqual(['metadata.example']);
  });

  it.skipIf(reason)(`are the author's to push where the server has only the pointers${skipped(reason)}`, async () => {
    makeSource();
    rmSync(place.path('source', '.git', 'lfs'), { recursive: true });
    const { exitCode, stdout } = await exportSource();
    expect(exitCode).toBe(1);
    expect(BuildExportFailure.parse(JSON.parse(stdout)).failure).toMatchObject({
      kind: 'ref-missing',
      fault: 'user',
      message: expect.stringMatching(
        /^The server has not all files of Git LFS \(media\/film\.bin\): .*"git lfs push --all origin"\.$/,
      ),
    });
  });

  it.skipIf(reason)(`are a warning where .lfsconfig excludes them${skipped(reason)}`, async () => {
    makeSource();
    place.commit('source', { '.lfsconfig': '[lfs]\n\tfetchexclude = *.bin\n' });
    expect(await exportSource()).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/\(media\/film\.bin\), because git-lfs is not told to fetch them: .*fetchexclude/),
    });
  });

  it('are a warning that names them when the image has no git-lfs', async () => {
    makeSource();
    const outcome = await exportSource(withoutGitLfs());
    expect(outcome.exitCode).toBe(2);
    const sentence =
      '1 file is a pointer of Git LFS and not the content (media/film.bin), because the image has no git-lfs: install git-lfs in the build image, or fetch the files in a step';
    expect(BuildExport.parse(JSON.parse(outcome.stdout)).warnings).toEqual([sentence]);
    expect(outcome.stderr).toBe(`warning: ${sentence}\n`);
  });

  it('are that warning too when the configuration of the image asks for a git-lfs that is not there', async () => {
    makeSource();
    place.write({
      system: '[filter "lfs"]\n\tprocess = git-lfs-gone filter-process\n\tsmudge = git-lfs-gone\n\trequired = true\n',
    });
    const outcome = await exportSource({ ...withoutGitLfs(), GIT_CONFIG_SYSTEM: place.path('system') });
    expect(outcome).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('media/film.bin') });
  });

  it('stay pointers when the order says so, with a warning', async () => {
    makeSource();
    const outcome = await exportSource({ GIT_LFS_SKIP_SMUDGE: '1' });
    expect(outcome).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('GIT_LFS_SKIP_SMUDGE is set') });
  });
});
