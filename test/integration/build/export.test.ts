import { chownSync, existsSync, lchownSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildExport } from '../../../shared/protocol/build-export.ts';
import { BuildPlace, stepOf } from '../../kit/builds/build-place.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { serveOnLoopback, type LoopbackServer } from '../../kit/network/loopback-server.ts';

let place: BuildPlace;
beforeEach(() => void (place = new BuildPlace()));
afterEach(() => place.remove());

function exportOf(sourceUri: string, sourcePath = 'main', ...more: string[]): string[] {
  return ['export', '--source-uri', sourceUri, '--source-path', sourcePath, '--workspace', 'workspace', ...more];
}

/** An HTTP server on loopback that answers each request with the result of `read` for its path. */
function serve(read: (path: string) => Promise<Buffer>): Promise<LoopbackServer> {
  return serveOnLoopback((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname.slice(1);
    read(path).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    );
  });
}

describe('build export', () => {
  it('clones a branch without history and prints its build file as JSON', async () => {
    place.repository('source', { 'acquia-pipelines.yaml': stepOf('old') });
    const commit = place.commit('source', { 'acquia-pipelines.yaml': stepOf('make') });
    const outcome = await place.build(exportOf(`file://${place.path('source')}`));
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    const printed = BuildExport.parse(JSON.parse(outcome.stdout));
    expect(printed).toMatchObject({ fileName: 'acquia-pipelines.yaml', commit, warnings: [] });
    expect(printed.events.build?.steps[0]?.script).toEqual(['make']);
    expect(place.git('workspace', 'rev-list', '--count', 'HEAD')).toBe('1');
    expect(place.git('workspace', 'branch', '--show-current')).toBe('main');
  });

  describe('of one commit', () => {
    it('clones that commit, though the branch has moved on', async () => {
      place.repository('source', { 'acquia-pipelines.yaml': stepOf('old') });
      const commit = place.git('source', 'rev-parse', 'HEAD');
      place.commit('source', { 'acquia-pipelines.yaml': stepOf('new') });
      const outcome = await place.build(exportOf(`file://${place.path('source')}`, 'main', '--source-commit', commit));
      expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
      const printed = BuildExport.parse(JSON.parse(outcome.stdout));
      expect(printed.commit).toBe(commit);
      expect(printed.events.build?.steps[0]?.script).toEqual(['old']);
      expect(place.git('workspace', 'branch', '--show-current')).toBe('main');
    });

    it('takes its digits in capitals, as git does', async () => {
      place.repository('source', { 'acquia-pipelines.yaml': stepOf('make') });
      const commit = place.git('source', 'rev-parse', 'HEAD');
      const given = ['--source-commit', commit.toUpperCase()];
      const outcome = await place.build(exportOf(`file://${place.path('source')}`, 'main', ...given));
      expect(JSON.parse(outcome.stdout)).toMatchObject({ commit });
    });

    it('fetches the history of that commit, where the build file asks for one', async () => {
      place.repository('source', { a: '0' });
      const commit = place.commit('source', { 'acquia-pipelines.yaml': `git: {depth: 0}\n${stepOf('make')}` });
      place.commit('source', { a: '2' });
      await place.build(exportOf(`file://${place.path('source')}`, 'main', '--source-commit', commit));
      expect(place.git('workspace', 'rev-list', '--count', 'HEAD')).toBe('2');
    });

    it('finds it in the whole history, where the server gives out no single commits', async () => {
      place.repository('source', { 'acquia-pipelines.yaml': stepOf('old') });
      const commit = place.git('source', 'rev-parse', 'HEAD');
      place.commit('source', { 'acquia-pipelines.yaml': stepOf('new') });
      place.git('source', 'update-server-info');
      const server = await serve((path) => readFile(join(place.path('source'), '.git', path)));
      const outcome = await place.build(exportOf(`${server.url}/`, 'main', '--source-commit', commit));
      await server.stop();
      expect(JSON.parse(outcome.stdout)).toMatchObject({ commit });
    });

    it('says that the branch has no such commit', async () => {
      place.repository('source', { 'acquia-pipelines.yaml': stepOf('make') });
      const commit = 'c'.repeat(40);
      const outcome = await place.build(exportOf(`file://${place.path('source')}`, 'main', '--source-commit', commit));
      expect(outcome.exitCode).toBe(1);
      expect(outcome.stderr).toContain(
        `The branch or tag "main" of file://${place.path('source')} has no commit ${commit}`,
      );
    });

    it('refuses a short name, which may be that of another commit tomorrow', async () => {
      const outcome = await place.build(exportOf('file:///x', 'main', '--source-commit', 'abc1234'));
      expect(outcome).toMatchObject({
        exitCode: 64,
        stderr: expect.stringContaining('is not the full name of a commit'),
      });
    });
  });

  it.each([
    ['git: {depth: 2}', '2', ''],
    ['git: {depth: 2, tags: true}', '3', 'v0\nv2'], // two of main, and two of v2
    ['git: {depth: 0}', '4', ''],
    ['git: {depth: 0, tags: true}', '4', 'v0\nv2'],
    ['git: {tags: true}', '1', 'v0\nv2'],
  ])('fetches the commits and tags that the build file asks for: %s', async (git, commits, tags) => {
    place.repository('source', { a: '0' });
    place.git('source', 'tag', 'v0');
    for (const a of ['1', '2']) place.commit('source', { a });
    place.git('source', 'tag', '-a', '-m', 'two', 'v2');
    const commit = place.commit('source', { 'acquia-pipelines.yaml': `${git}\n${stepOf('make')}` });
    const outcome = await place.build(exportOf(`file://${place.path('source')}`));
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(outcome.stdout)).toMatchObject({ commit });
    expect(place.git('workspace', 'rev-list', '--count', 'HEAD')).toBe(commits);
    expect(place.git('workspace', 'tag')).toBe(tags);
    expect(place.git('workspace', 'rev-parse', 'HEAD')).toBe(commit);
  });

  it('takes a path below the working directory, a tag, and the .yml name', async () => {
    const commit = place.repository('source', { 'acquia-pipelines.yml': stepOf('make') });
    place.git('source', 'tag', '-a', '-m', 'one', 'v1');
    place.commit('source', { 'acquia-pipelines.yml': 'broken' });
    for (const path of ['v1', 'tags/v1', 'refs/tags/v1']) {
      const outcome = await place.build(exportOf('source', path));
      expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
      expect(JSON.parse(outcome.stdout)).toMatchObject({ fileName: 'acquia-pipelines.yml', commit });
    }
  });

  it('clones submodules, also at a commit that is no tip', async () => {
    place.repository('library', { 'lib.txt': 'pinned' });
    place.repository('source', { 'acquia-pipelines.yaml': stepOf('make') });
    place.git('source', 'submodule', '--quiet', 'add', '../library', 'library');
    place.commit('source', {});
    place.commit('library', { 'lib.txt': 'newer' });
    expect(await place.build(exportOf('source'))).toMatchObject({ exitCode: 0 });
    expect(readFileSync(place.path('workspace', 'library', 'lib.txt'), 'utf8')).toBe('pinned');
  });

  it('says warnings on stderr and ends with 2', async () => {
    place.repository('source', { 'acquia-pipelines.yaml': `${stepOf('make')}services: [mysql, redis]\n` });
    const outcome = await place.build(exportOf('source', 'main', '--services', 'mysql'));
    expect(outcome.exitCode).toBe(2);
    expect(outcome.stderr).toMatch(/^warning: acquia-pipelines\.yaml:8:\d+: .*"redis".*\n$/);
    expect(BuildExport.parse(JSON.parse(outcome.stdout)).warnings).toHaveLength(1);
  });

  it('says what is wrong in the build file, with the line, and prints nothing on stdout', async () => {
    place.repository('source', { 'acquia-pipelines.yaml': 'version: 1.0.0\nevnts: {}\n' });
    const outcome = await place.build(exportOf('source'));
    expect(outcome).toMatchObject({ exitCode: 1, stdout: '' });
    expect(outcome.stderr).toMatch(
      /^BUILD_FILE_INVALID: acquia-pipelines\.yaml is not .*: acquia-pipelines\.yaml:2:1: "evnts"/,
    );
  });

  it('lists every problem of a build file on the one line that a task shows', async () => {
    const steps = stepOf('make') + '      - only: {script: [x]}\n      - "": {script: [! x]}\nevnts: {}\n';
    place.repository('source', { 'acquia-pipelines.yaml': steps });
    const outcome = await place.build(exportOf('source'));
    expect(outcome).toMatchObject({ exitCode: 1, stdout: '' });
    expect(outcome.stderr).toMatch(
      /^BUILD_FILE_INVALID: .* it has 4 problems: .*:8:9: the step "only" .*; .*:9:9: a step needs a name.*; .*:9:23: YAML reads "!" .*; .*:10:1: "evnts" .*\.\n$/,
    );
  });

  it('says that there is no build file', async () => {
    place.repository('source', { 'README.md': '' });
    const usual = await place.build(exportOf('source'));
    expect(usual.exitCode).toBe(1);
    expect(usual.stderr).toMatch(/^BUILD_FILE_MISSING: There is no acquia-pipelines\.yaml or acquia-pipelines\.yml/);
    const chosen = await place.build(exportOf('source', 'main', '--file', 'ci/build.yaml'));
    expect(chosen.stderr).toMatch(/^BUILD_FILE_MISSING: There is no ci\/build\.yaml/);
    const outside = await place.build(exportOf('source', 'main', '--file', '../build.yaml'));
    expect(outside).toMatchObject({ exitCode: 64, stderr: expect.stringMatching(/^USAGE: /) });
  });

  it('names the branches there are when the wanted one is missing', async () => {
    place.repository('source', { 'acquia-pipelines.yaml': stepOf('make') });
    place.git('source', 'branch', 'feature/x');
    const outcome = await place.build(exportOf('source', 'feature'));
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderr).toMatch(
      /^GIT_FAILED: The repository .* has no branch or tag "feature"\. .*feature\/x, main\.\n$/,
    );
  });

  it('quotes git when the repository cannot be read, without the password', async () => {
    const missing = await place.build(exportOf('nowhere'));
    expect(missing.exitCode).toBe(1);
    expect(missing.stderr).toMatch(/^GIT_FAILED: The source repository .*nowhere cannot be read: fatal: .*does not/);
    const closed = await place.build(exportOf('http://me:hunter2@127.0.0.1:1/x.git'), { clock: new HastyClock() });
    expect(closed.stderr).toMatch(/^GIT_FAILED: .*http:\/\/\*\*\*@127\.0\.0\.1:1\/x\.git.*fatal:/ms);
    expect(closed.stderr).not.toContain('hunter2');
  });

  it('says that git is missing', async () => {
    const outcome = await place.build(exportOf('source'), { environment: { PATH: place.path('tmp') } });
    expect(outcome).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^GIT_MISSING: /) });
  });

  it('replaces the workspace of an earlier export, and touches no other directory', async () => {
    place.repository('source', { 'acquia-pipelines.yaml': stepOf('make') });
    expect(await place.build(exportOf('source'))).toMatchObject({ exitCode: 0 });
    place.write({ 'left-over': '' }, 'workspace');
    expect(await place.build(exportOf('source'))).toMatchObject({ exitCode: 0 });
    expect(readdirSync(place.path('workspace')).sort()).toEqual(['.git', 'acquia-pipelines.yaml']);

    place.write({ 'diary.txt': 'dear' }, 'precious');
    const argv = exportOf('source').map((word) => (word === 'workspace' ? 'precious' : word));
    const outcome = await place.build(argv);
    expect(outcome).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^WORKSPACE_UNUSABLE: /) });
    expect(readdirSync(place.path('precious'))).toEqual(['diary.txt']);
  });

  it('clones the whole history from a server that knows no shallow clones', async () => {
    const commit = place.repository('source', { 'acquia-pipelines.yaml': stepOf('make') });
    place.git('source', 'update-server-info');
    const server = await serve((path) => readFile(place.path('source', '.git', path)));
    const outcome = await place.build(exportOf(`${server.url}/`));
    await server.stop();
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(outcome.stdout)).toMatchObject({ commit });
  });

  it('when told to stop, ends a git that waits for a silent server, and answers 143', async () => {
    const stop = new AbortController();
    const server = await serve(() => {
      stop.abort();
      return new Promise(() => undefined);
    });
    const outcome = await place.build(exportOf(`${server.url}/x.git`), { signal: stop.signal });
    await server.stop();
    expect(outcome).toMatchObject({ exitCode: 143, stdout: '', stderr: 'The build was terminated.\n' });
    expect(readdirSync(place.path('tmp'))).toEqual([]);
  });

  it.skipIf(process.getuid?.() !== 0)('reads a repository on this machine that belongs to another user', async () => {
    place.repository('source', { 'acquia-pipelines.yaml': stepOf('make') });
    const nobody = 65534;
    const giveAway = (directory: string): void => {
      chownSync(directory, nobody, nobody);
      for (const entry of readdirSync(directory, { withFileTypes: true })) {
        if (entry.isDirectory()) giveAway(join(directory, entry.name));
        else lchownSync(join(directory, entry.name), nobody, nobody);
      }
    };
    giveAway(place.path('source'));
    expect(await place.build(exportOf(`file://${place.path('source')}`))).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('leaves nothing in the temporary directory', async () => {
    place.repository('source', { 'acquia-pipelines.yaml': stepOf('make') });
    await place.build(exportOf('source'));
    await place.build(exportOf('nowhere'));
    expect(readdirSync(place.path('tmp'))).toEqual([]);
    expect(existsSync(place.path('workspace', 'acquia-pipelines.yaml'))).toBe(true);
  });
});
