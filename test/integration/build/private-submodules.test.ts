import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildPlace, stepOf, type BuildOutcome } from '../../kit/builds/build-place.ts';
import { serveGit, type GitHttpServer } from '../../kit/network/git-http-server.ts';

const ONLY_US = `Basic ${Buffer.from('user:geheim').toString('base64')}`;

let place: BuildPlace;
let server: GitHttpServer;
beforeEach(async () => {
  place = new BuildPlace();
  place.repository('library', { 'lib.txt': 'of the library\n' });
  place.repository('source', { 'acquia-pipelines.yaml': stepOf('true') });
  server = await serveGit(place.path('served'), ({ headers }) => (headers.authorization === ONLY_US ? undefined : 401));
});
afterEach(async () => {
  await server.stop();
  place.remove();
});

/** Exports the source from the server, as somebody who may read all of it, with a submodule at this url. */
function exportWith(url: string): Promise<BuildOutcome> {
  place.git('source', 'submodule', '--quiet', 'add', '../library', 'library');
  place.git('source', 'config', '--file', '.gitmodules', 'submodule.library.url', url);
  place.commit('source', {});
  for (const name of ['source', 'library']) place.git('.', 'clone', '--quiet', '--bare', name, `served/${name}.git`);
  const uri = `${server.url.replace('//', '//user:geheim@')}/source.git`;
  const argv = ['export', '--source-uri', uri, '--source-path', 'main', '--workspace', 'workspace'];
  return place.build(argv, { environment: { HOME: place.directory } });
}

describe('a submodule of a private repository', () => {
  it('with a relative url is read with the user and password of the source', async () => {
    expect(await exportWith('../library.git')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(existsSync(place.path('workspace/library/lib.txt'))).toBe(true);
  });

  it('with a whole url needs its own, and whoever forgot them is told once, and of the relative url', async () => {
    const { exitCode, stderr } = await exportWith(`${server.url}/library.git`);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      `GIT_FAILED: Cloning the submodule library from ${server.url}/library.git failed: fatal: could not read Username for ` +
        `'${server.url}': terminal prompts disabled. Check that the source key, or the user and password in the address, may read ` +
        'this repository; a submodule with a relative url, such as ../lib.git, is read with those of the source.\n',
    );
  });
});
