import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRepository } from '../../../controlplane/cli/repository.ts';

let directory: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'wip-repository-')));
});
afterEach(() => rmSync(directory, { recursive: true }));

function makeRepository(name: string, head: string): string {
  const path = join(directory, name);
  mkdirSync(join(path, '.git'), { recursive: true });
  writeFileSync(join(path, '.git', 'HEAD'), head);
  return path;
}

describe('findRepository', () => {
  it.each([
    'https://example.org/app.git',
    'ssh://git@example.org:22/app.git',
    'git@example.org:team/app.git',
    'example.org:app',
  ])('passes %s on as it is', (uri) => {
    expect(findRepository(uri, directory)).toEqual({ uri, branch: undefined });
  });

  it('makes a path absolute and finds the branch that is checked out', () => {
    const uri = makeRepository('app', 'ref: refs/heads/feature/x\n');
    expect(findRepository('app', directory)).toEqual({ uri, branch: 'feature/x' });
    expect(findRepository('./app/../app', directory)).toEqual({ uri, branch: 'feature/x' });
  });

  it('knows no branch when a commit is checked out', () => {
    makeRepository('app', `${'a'.repeat(40)}\n`);
    expect(findRepository('app', directory).branch).toBeUndefined();
  });

  it('takes a bare repository, a worktree and a file URL', () => {
    mkdirSync(join(directory, 'bare.git'));
    writeFileSync(join(directory, 'bare.git', 'HEAD'), 'ref: refs/heads/trunk\n');
    expect(findRepository('bare.git', directory).branch).toBe('trunk');
    mkdirSync(join(directory, 'worktree'));
    writeFileSync(join(directory, 'worktree', '.git'), 'gitdir: elsewhere\n');
    expect(findRepository('worktree', directory).uri).toBe(join(directory, 'worktree'));
    const url = pathToFileURL(join(directory, 'bare.git')).href;
    expect(findRepository(url, directory)).toEqual({ uri: url, branch: 'trunk' });
  });

  it('prefers a directory on this machine that looks like host:path', () => {
    const uri = makeRepository('host:path', 'ref: refs/heads/main\n');
    expect(findRepository('host:path', directory).uri).toBe(uri);
  });

  it.each([
    ['a path that is not there', './nowhere', 'There is no repository at'],
    ['a directory without a repository', '.', 'is not a git repository'],
    ['a file URL that names another machine', 'file://elsewhere/app', 'is not the URL of a directory'],
  ])('refuses %s and says what to give', (_what, given, message) => {
    expect(() => findRepository(given, directory)).toThrow(message);
  });
});
