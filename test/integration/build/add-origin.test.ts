import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addOrigin } from '../../../agent/build/git/add-origin.ts';

let repository: string;
const git = (...args: string[]): string => execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8' });
beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'wip-origin-'));
  git('init', '--quiet');
});
afterEach(() => rmSync(repository, { recursive: true }));

describe('the remote of a new repository', () => {
  it.each([
    'https://example.org/app.git',
    'git@example.org:team/app.git',
    'file:///srv/a b # c ; d.git',
    'https://user:p"w\\d@example.org/app.git',
    '-c/odd\tname\nwith lines',
    'ä/密',
  ])('is what "git remote add" makes of it: %j', async (uri) => {
    await addOrigin(repository, uri);
    const added = git('config', '--null', '--list', '--local');
    git('remote', 'remove', 'origin');
    git('remote', 'add', '--', 'origin', uri);
    expect(added).toBe(git('config', '--null', '--list', '--local'));
  });

  it('is not written through a link that somebody has put there', async () => {
    renameSync(join(repository, '.git/config'), join(repository, 'elsewhere'));
    symlinkSync(join(repository, 'elsewhere'), join(repository, '.git/config'));
    await expect(addOrigin(repository, 'x')).rejects.toThrow('ELOOP');
  });
});
