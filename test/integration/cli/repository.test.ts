import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseBranch, type BuiltBranch } from '../../../controlplane/cli/repository/choose-branch.ts';
import { findRepository, type FoundRepository } from '../../../controlplane/cli/repository/find-repository.ts';
import { git, makeBareRepository, makeRepository } from '../../kit/builds/git-place.ts';

let directory: string;
let app: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'wip-repository-')));
  app = makeRepository(join(directory, 'app'), { 'a.txt': 'one', 'sub/b.txt': 'two' });
});
afterEach(() => rmSync(directory, { recursive: true }));

const ENVIRONMENT = { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };

function find(given: string, environment: Readonly<Record<string, string | undefined>> = {}): FoundRepository {
  return findRepository(given, { cwd: directory, environment: { ...ENVIRONMENT, ...environment } });
}

function choose(given: string, branch?: string): BuiltBranch & { uri: string } {
  const { uri, local } = find(given);
  return { ...chooseBranch(local!, branch), uri };
}

function commitOf(path: string, ref = 'HEAD'): string {
  return git(path, 'rev-parse', '--short', ref);
}

/** Clones what `wipctl run` sends for a path, as git in a container would. Returns the commit. */
function cloned(uri: string, branch: string): string {
  const target = mkdtempSync(join(directory, 'clone-'));
  git(directory, 'clone', '--quiet', '--branch', branch, uri, target);
  return commitOf(target);
}

describe('findRepository', () => {
  it.each([
    'https://example.org/app.git',
    'ssh://git@example.org:22/app.git',
    'git@example.org:team/app.git',
    'example.org:app',
  ])('passes %s on as it is, without asking git', (uri) => {
    expect(find(uri, { PATH: '/nowhere' })).toEqual({ uri, local: undefined });
  });

  it('makes a path absolute', () => {
    expect(find('app').uri).toBe(app);
    expect(find('./app/../app/').uri).toBe(app);
    expect(find('~/app', { HOME: directory }).uri).toBe(app);
    expect(find('~', { HOME: app }).uri).toBe(app);
    expect(find(pathToFileURL(app).href).uri).toBe(pathToFileURL(app).href);
    symlinkSync(app, join(directory, 'link'));
    expect(find('link').uri).toBe(join(directory, 'link'));
  });

  it('a subdirectory belongs to the repository above it: nobody is told to git init', () => {
    expect(find('app/sub').uri).toBe(app);
    expect(find(pathToFileURL(join(app, 'sub')).href).uri).toBe(pathToFileURL(app).href);
    expect(find('app/.git').uri).toBe(join(app, '.git'));
    const bare = makeBareRepository(join(directory, 'my bare.git'));
    expect(find('my bare.git/refs')).toMatchObject({ uri: bare, local: { name: 'my bare', hasWorkingTree: false } });
  });

  it('is not led astray by the variables of a git hook', () => {
    const other = makeRepository(join(directory, 'other'), {});
    const hook = {
      GIT_DIR: join(other, '.git'),
      GIT_WORK_TREE: other,
      GIT_INDEX_FILE: join(other, 'x'),
      GIT_PREFIX: 'y',
    };
    expect(find('app/sub', hook).uri).toBe(app);
  });

  it('prefers a directory on this machine that looks like host:path', () => {
    const uri = makeRepository(join(directory, 'host:path'), {});
    expect(find('host:path').uri).toBe(uri);
  });

  it.each([
    ['a path that is not there', './nowhere', /There is no repository at .*nowhere\. Give the path/],
    ['a file', './app/a.txt', /a\.txt is a file\. Give the path/],
    ['empty text', ' ', /The repository is empty text/],
    [
      'a directory without a repository',
      '.',
      /is not a git repository, and neither is a directory above it\. Commit what/,
    ],
    ['a file URL that names another machine', 'file://elsewhere/app', /is not the URL of a directory/],
  ])('refuses %s and says what to give', (_what, given, message) => {
    expect(() => find(given)).toThrow(message);
  });

  it('says that a worktree has lost its repository, in git words', () => {
    git(app, 'worktree', 'add', '--quiet', '../tree', '-b', 'feature/x');
    renameSync(app, join(directory, 'moved'));
    expect(() => find('tree')).toThrow(/^git cannot read the repository at .*tree: .*app/);
  });

  it('says that git is missing, and that a URL needs none', () => {
    expect(() => find('app', { PATH: '/nowhere' })).toThrow(/The program git was not found.*or give the URL/);
  });

  it.skipIf(process.getuid?.() !== 0)('says what to do when the repository belongs to another user', () => {
    const nobody = 65_534;
    chownSync(app, nobody, nobody);
    for (const name of readdirSync(app)) chownSync(join(app, name), nobody, nobody);
    const safe = `git config --global --add safe.directory '${app}'`;
    expect(() => find('app')).toThrow(`belongs to another user. If you trust it, run: ${safe}.`);
  });
});

describe('wipctl run . builds what is checked out', () => {
  it('in a clone, named with branch and commit', () => {
    git(app, 'switch', '--quiet', '-c', 'feature/x');
    expect(choose('app')).toEqual({
      uri: app,
      vcsPath: 'feature/x',
      commit: commitOf(app),
      shown: `app feature/x@${commitOf(app)}`,
      warnings: [],
    });
  });

  it('in a linked worktree: its own branch, at an address that can be cloned', () => {
    git(app, 'worktree', 'add', '--quiet', '../my tree', '-b', 'feature/x');
    const tree = join(directory, 'my tree');
    git(tree, 'commit', '--quiet', '--allow-empty', '-m', 'more');
    const built = choose('my tree');
    expect(built).toMatchObject({ uri: tree, vcsPath: 'feature/x', shown: `my tree feature/x@${commitOf(tree)}` });
    expect(commitOf(tree)).not.toBe(commitOf(app));
    expect(cloned(built.uri, built.vcsPath)).toBe(commitOf(tree));
  });

  it('in a submodule: the branch of the submodule, at an address that can be cloned', () => {
    const library = makeRepository(join(directory, 'library'), { 'lib.txt': '' });
    git(app, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, 'lib');
    const submodule = join(app, 'lib');
    git(submodule, 'switch', '--quiet', '-c', 'fix');
    git(submodule, 'commit', '--quiet', '--allow-empty', '-m', 'more');
    const built = choose('app/lib');
    expect(built).toMatchObject({ uri: submodule, vcsPath: 'fix', shown: `lib fix@${commitOf(submodule)}` });
    expect(cloned(built.uri, built.vcsPath)).toBe(commitOf(submodule));
  });

  it('never main in silence when a commit is checked out and no branch', () => {
    git(app, 'tag', 'v1');
    git(app, 'switch', '--quiet', '--detach');
    const commit = commitOf(app);
    expect(() => choose('app')).toThrow(
      `In ${app} the commit ${commit} is checked out and no branch (a detached HEAD). Say which branch or tag to build with --branch, such as: main, v1.`,
    );
    expect(choose('app', 'v1')).toMatchObject({ vcsPath: 'v1', shown: `app v1@${commit}` });
    git(app, 'commit', '--quiet', '--allow-empty', '-m', 'on no branch');
    expect(() => choose('app')).toThrow(/with --branch, such as: main\.$/);
  });

  it('nothing when there are no commits yet', () => {
    mkdirSync(join(directory, 'new'));
    git(join(directory, 'new'), 'init', '--quiet', '-b', 'trunk');
    expect(() => choose('new')).toThrow(/The branch trunk of .*new has no commits yet\. Commit what/);
    expect(() => choose('new', 'main')).toThrow(/has no branch or tag "main"\. It has no commits/);
  });

  it('in a bare repository: what its HEAD names', () => {
    git(directory, 'clone', '--quiet', '--bare', app, 'mirror.git');
    const bare = join(directory, 'mirror.git');
    expect(choose('mirror.git')).toMatchObject({ uri: bare, vcsPath: 'main', shown: `mirror main@${commitOf(app)}` });
  });

  it.each(['main', 'refs/heads/main', 'tags/v1', 'refs/tags/v1', 'v1'])(
    'or the branch or tag that is named: %s',
    (name) => {
      git(app, 'tag', '-a', '-m', 'one', 'v1');
      git(app, 'switch', '--quiet', '-c', 'other');
      git(app, 'commit', '--quiet', '--allow-empty', '-m', 'more');
      expect(choose('app', name)).toMatchObject({
        vcsPath: name,
        shown: `app ${basename(name)}@${commitOf(app, 'main')}`,
      });
    },
  );

  it.each(['nowhere', '--upload-pack=x', '-x', 'HEAD', 'main~1', 'main:a.txt', '', 'refs/heads', '@{-1}', 'a b'])(
    'but not a branch that is not there: %j',
    (name) => {
      expect(() => choose('app', name)).toThrow(`has no branch or tag "${name}". Name one of its branches: main.`);
    },
  );

  it('and warns of what is not committed', () => {
    writeFileSync(join(app, 'a.txt'), 'changed');
    for (const name of ['c', 'd e', 'f\n']) writeFileSync(join(app, name), '');
    expect(choose('app/sub').warnings).toEqual([
      '4 uncommitted changes of app will not be built: a.txt, c, d e, …; commit what is to be built',
    ]);
    git(app, 'branch', 'other');
    expect(choose('app', 'other').warnings).toEqual([]);
    git(app, 'stash', '--include-untracked', '--quiet');
    git(app, 'mv', 'a.txt', 'z.txt');
    expect(choose('app').warnings[0]).toMatch(/^2 uncommitted changes of app will not be built: a\.txt, z\.txt;/);
  });

  it('in a repository of SHA-256 objects', () => {
    const sha256 = join(directory, 'sha256');
    mkdirSync(sha256);
    git(sha256, 'init', '--quiet', '--object-format=sha256', '-b', 'main');
    git(sha256, 'commit', '--quiet', '--allow-empty', '-m', 'x');
    expect(choose('sha256').shown).toBe(`sha256 main@${commitOf(sha256)}`);
  });
});
