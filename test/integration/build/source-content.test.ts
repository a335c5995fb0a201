import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildExportFailure } from '../../../shared/protocol/git-failure.ts';
import { BuildPlace, stepOf, type BuildOptions, type BuildOutcome } from '../../kit/builds/build-place.ts';

let place: BuildPlace;
beforeEach(() => {
  place = new BuildPlace();
  place.repository('source', { 'acquia-pipelines.yaml': stepOf('make') });
});
afterEach(() => place.remove());

function exportOf(path = 'main', options: BuildOptions = {}): Promise<BuildOutcome> {
  return place.build(['export', '--source-uri', 'source', '--source-path', path, '--workspace', 'workspace'], options);
}

/** What programs read of a failure. */
function toldBy({ exitCode, stdout }: BuildOutcome): unknown {
  expect(exitCode).toBe(1);
  return BuildExportFailure.parse(JSON.parse(stdout)).failure;
}

describe('a source that is not as git needs it', () => {
  it.each([
    [
      '[submodule "x"\n',
      /bad config line 2 in file \S+\/\.gitmodules\. Correct what git names here, commit and build again/,
    ],
    ['', /No url found for submodule path 'vendor\/x' in \.gitmodules/],
    [
      '[submodule "x"]\n\tpath = vendor/x\n\turl = ../x\n\tupdate = !make\n',
      /invalid value for 'submodule\.x\.update'/,
    ],
  ])('has a .gitmodules that is no such file, which is an error of its author: %j', async (text, words) => {
    const commit = place.git('source', 'rev-parse', 'HEAD');
    place.git('source', 'update-index', '--add', '--cacheinfo', `160000,${commit},vendor/x`);
    place.git('source', 'commit', '--quiet', '-m', 'a submodule');
    place.write({ '.gitmodules': text }, 'source');
    const blob = place.git('source', 'hash-object', '-w', '.gitmodules');
    place.git('source', 'update-index', '--add', '--cacheinfo', `100644,${blob},.gitmodules`);
    place.git('source', 'commit', '--quiet', '-m', 'its description');
    expect(toldBy(await exportOf())).toMatchObject({
      kind: 'content-invalid',
      fault: 'user',
      message: expect.stringMatching(words),
    });
  });

  it.each([
    ['tree', 'main^{tree}'],
    ['blob', 'main:acquia-pipelines.yaml'],
  ])('has a tag of a %s: it is said to be no commit', async (_, object) => {
    place.git('source', 'tag', 'odd', object);
    expect(toldBy(await exportOf('odd'))).toMatchObject({
      kind: 'ref-missing',
      fault: 'user',
      message: expect.stringMatching(
        /^"odd" of \S+\/source is the name of something else than a commit\. Build a branch, or a tag of a commit\.$/,
      ),
    });
  });
});

it('a submodule with update = none is not cloned, wherever it is', async () => {
  place.repository('library', { 'lib.txt': 'a' });
  place.git('source', 'submodule', '--quiet', 'add', '../library', 'library');
  const settings = { update: 'none', url: 'http://metadata.example/library.git' };
  for (const [key, value] of Object.entries(settings)) {
    place.git('source', 'config', '--file', '.gitmodules', `submodule.library.${key}`, value);
  }
  place.commit('source', {});
  expect(await exportOf('main', { lookupHost: () => Promise.resolve(['169.254.169.254']) })).toMatchObject({
    exitCode: 0,
    stderr: '',
  });
  expect(existsSync(place.path('workspace', 'library', 'lib.txt'))).toBe(false);
});

describe('the settings of git where the tool runs', () => {
  it('that cannot be read are named, and not the key of the source', async () => {
    place.write({ gitconfig: '[x\n' });
    expect(
      toldBy(await exportOf('main', { environment: { GIT_CONFIG_GLOBAL: place.path('gitconfig') } })),
    ).toMatchObject({
      kind: 'settings-invalid',
      fault: 'system',
      message: expect.stringMatching(
        /bad config line 1 in file \S+\/gitconfig\. Correct the configuration that git names/,
      ),
    });
  });

  it('do not lead to the repository whose hook has started the tool', async () => {
    const environment = {
      GIT_QUARANTINE_PATH: '/x',
      GIT_DIR: '/x',
      GIT_SHALLOW_FILE: '/x',
      GIT_INTERNAL_SUPER_PREFIX: 'x/',
    };
    expect(await exportOf('main', { environment })).toMatchObject({ exitCode: 0, stderr: '' });
  });
});
