import { chmodSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildPlace, stepOf } from '../../kit/builds/build-place.ts';
import { serveGit } from '../../kit/network/git-http-server.ts';

const BRANCH = 'pipelines-build-main';
const FORMATS = ['sha1', 'sha256'] as const;
type Format = (typeof FORMATS)[number];
const DIGITS: Record<Format, number> = { sha1: 40, sha256: 64 };

let place: BuildPlace;
beforeEach(() => void (place = new BuildPlace()));
afterEach(() => place.remove());

function makeRepositories(source: Format, deploy: Format): void {
  place.write({ 'source/made': '', 'deploy.git/x': '' });
  place.git('source', 'init', '--quiet', '-b', 'main', `--object-format=${source}`);
  place.git('deploy.git', 'init', '--quiet', '--bare', `--object-format=${deploy}`);
  place.commit('source', { 'acquia-pipelines.yaml': stepOf('date +%N > made') });
}

async function buildFor(deployUri: string): Promise<string> {
  const common = ['--source-path', 'main', '--workspace', 'workspace'];
  const exported = await place.build(['export', '--source-uri', `file://${place.path('source')}`, ...common]);
  expect(exported).toMatchObject({ exitCode: 0, stderr: '' });
  const outcome = await place.build(['run', ...common, '--deploy-uri', deployUri]);
  expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
  return outcome.stdout;
}

describe('repositories with SHA-256 object names', () => {
  it.each(FORMATS.flatMap((source) => FORMATS.map((deploy) => [source, deploy] as const)))(
    'a source in %s is built, and deployed to an empty repository in %s and on top of what is there',
    async (source, deploy) => {
      makeRepositories(source, deploy);
      const uri = `file://${place.path('deploy.git')}`;
      for (const count of ['1', '2']) {
        const stdout = await buildFor(uri);
        const commit = place.git('deploy.git', 'rev-parse', BRANCH);
        expect(commit).toHaveLength(DIGITS[deploy]);
        expect(stdout).toContain(`commit ${commit} pushed`);
        expect(place.git('deploy.git', 'rev-list', '--count', BRANCH)).toBe(count);
        expect(place.git('deploy.git', 'show', `${BRANCH}:made`)).toBe(
          readFileSync(place.path('workspace', 'made'), 'utf8').trim(),
        );
        const sourceCommit = place.git('source', 'rev-parse', 'HEAD');
        expect(sourceCommit).toHaveLength(DIGITS[source]);
        expect(place.git('deploy.git', 'log', '-1', '--format=%B', BRANCH)).toContain(`Source-Commit: ${sourceCommit}`);
      }
    },
  );

  it('are deployed to over HTTP too', async () => {
    makeRepositories('sha256', 'sha256');
    const server = await serveGit(place.directory);
    await buildFor(`http://127.0.0.1:${server.port}/deploy.git`);
    await server.stop();
    expect(place.git('deploy.git', 'rev-parse', BRANCH)).toHaveLength(DIGITS.sha256);
  });

  it('with a git that does not know them are told so, and what to install', async () => {
    makeRepositories('sha256', 'sha1');
    const old =
      'for a in "$@"; do case $a in --object-format=*) echo "error: unknown option" >&2; exit 129;; esac; done';
    place.write({ 'old/git': `#!/bin/sh\n${old}\nPATH=\${PATH#*:} exec git "$@"\n` });
    chmodSync(place.path('old', 'git'), 0o755);
    const environment = { PATH: `${place.path('old')}:${place.environment['PATH']}` };
    const argv = ['export', '--source-uri', 'source', '--source-path', 'main', '--workspace', 'workspace'];
    const outcome = await place.build(argv, { environment });
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderr).toMatch(
      /^GIT_FAILED: The source repository has SHA-256 object names, which the git version \S+ of the image cannot use\. Install git 2\.29/,
    );
  });
});
