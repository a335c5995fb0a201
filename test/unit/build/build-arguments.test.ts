import { describe, expect, it } from 'vitest';
import { buildArguments } from '../../../agent/build/build-arguments.ts';
import { isLocalRepository, withoutPassword } from '../../../agent/build/git/git.ts';

describe('buildArguments', () => {
  it('reads the arguments of an export', () => {
    const argv = ['export', '--source-uri', 'u', '--source-path=main', '--workspace', 'w', '--services', 'mysql,php'];
    expect(buildArguments(argv)).toEqual({
      kind: 'export',
      options: { sourceUri: 'u', sourcePath: 'main', workspace: 'w', file: undefined, knownServices: ['mysql', 'php'] },
    });
  });

  it('fills in what a run leaves out', () => {
    expect(buildArguments(['run', '--source-path', 'feature/x', '--workspace', 'w'])).toMatchObject({
      options: {
        event: 'build',
        deployPath: 'pipelines-build-feature/x',
        author: { name: 'Wip', email: 'wip@wip.invalid' },
      },
    });
  });

  const run = ['run', '--source-path', 'main', '--workspace', 'w'];
  it.each([
    [[], /build needs a command/],
    [['exprt'], /no command "exprt"/],
    [['export', '--source-path', 'main', '--workspace', 'w'], /--source-uri is missing/],
    [['run', '--source-path', 'main'], /--workspace is missing/],
    [[...run, '--speed', '9'], /--speed/],
    [[...run, 'more'], /more/],
    [[...run, '--event', 'bild'], /"bild" is not an event; there are build,/],
    [[...run, '--deploy-path', 'a b'], /"a b" is not a name of a branch/],
    [[...run, '--deploy-path', 'a..b'], /not a name of a branch/],
    [[...run, '--deploy-path=-f'], /not a name of a branch/],
    [[...run, '--deploy-path', 'refs/tags/v1'], /not a name of a branch/],
    [[...run, '--author', 'Jane'], /"Jane" is not "NAME <EMAIL>"/],
  ])('refuses %j', (argv, expected) => {
    expect(() => buildArguments(argv)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(expected) }),
    );
  });
});

describe('isLocalRepository', () => {
  it.each([
    ['/srv/repo', true],
    ['../repo', true],
    ['file:///srv/repo', true],
    ['./a:b', true],
    ['https://host/repo.git', false],
    ['ssh://git@host/repo.git', false],
    ['git@host:repo.git', false],
    ['ext::sh -c x', false],
  ])('%s: %s', (uri, expected) => expect(isLocalRepository(uri)).toBe(expected));
});

describe('withoutPassword', () => {
  it('hides who logs in, wherever the address stands', () => {
    expect(withoutPassword("cannot read 'https://me:secret@host/x' or https://token@h/y")).toBe(
      "cannot read 'https://***@host/x' or https://***@h/y",
    );
    expect(withoutPassword('https://host/a@b')).toBe('https://host/a@b');
    const other = 'https://host:8080/a/b is not read as git@host';
    expect(withoutPassword(other)).toBe(other);
    expect(withoutPassword('https://u:pa/ssw0rd@host:1/x and https://u:pass w0rd@h/y')).toBe(
      'https://***@host:1/x and https://***@h/y',
    );
  });
});
