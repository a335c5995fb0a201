import { describe, expect, it } from 'vitest';
import { classifyGitFailure, gitFailure } from '../../../agent/build/git/explain-git-failure.ts';
import { gitWords } from '../../../agent/build/git/git-words.ts';
import { parseListedRefs } from '../../../agent/build/git/listed-refs.ts';

const SHA1 = 'a'.repeat(40);
const SHA256 = 'b'.repeat(64);

describe('parseListedRefs', () => {
  it('reads names of both kinds of objects', () => {
    const refs = parseListedRefs(`${SHA1}\trefs/heads/main\n${SHA256}\trefs/tags/v1\n`);
    expect([...refs]).toEqual([
      ['refs/heads/main', SHA1],
      ['refs/tags/v1', SHA256],
    ]);
  });

  it.each([
    ['an object name that is an option', '--upload-pack=/bin/sh\trefs/heads/main'],
    ['an object name that is too short', 'abc\trefs/heads/main'],
    ['a name with a control sequence', `${SHA1}\trefs/heads/\u001b[2Jmain`],
    ['a name with a blank', `${SHA1}\trefs/heads/a b`],
    ['a name that is longer than any path', `${SHA1}\trefs/heads/${'x'.repeat(5_000)}`],
    ['a line of something else', 'warning: redirecting to https://other/'],
  ])('leaves out %s', (_what, line) => {
    expect([...parseListedRefs(`${line}\n${SHA1}\trefs/heads/dev\n`).keys()]).toEqual(['refs/heads/dev']);
  });
});

describe('what a git server says without an end', () => {
  // If the search began an address at each letter and read on to the end, this text would take minutes of one
  // processor.
  const LETTERS = 'a'.repeat(2_000_000);

  it('is classified, and told, without being searched over and over', () => {
    expect(classifyGitFailure(`fatal: ${LETTERS}\nPermission denied`)).toBe('access-denied');
    expect(gitWords(`fatal: ${LETTERS}`).length).toBeLessThan(2_100);
  });

  it('shows no half of a password where it is cut', () => {
    const address = 'https://user:secret-password@git.example/app';
    for (let length = 15_900; length < 16_100; length += 1) {
      const words = gitWords(`${'x '.repeat(length / 2)}${address} ${'y '.repeat(20_000)}`);
      expect(words).not.toContain('secret');
    }
  });

  it('shows no password of an address that is one only without its control characters', () => {
    expect(gitWords('fatal: https:/\u001b[K/user:secret@git.example/')).toBe('fatal: https://***@git.example/');
  });

  it('has no controls in a message, whoever chose the name', () => {
    const { message } = gitFailure(
      'Cloning the submodule a\u001b[2J\u009b\u202eb\nc failed',
      { exitCode: 1, stdout: '', stderr: 'fatal: no' },
      'source',
    );
    expect(message).toMatch(/^Cloning the submodule a b c failed: fatal: no\. /);
  });
});
