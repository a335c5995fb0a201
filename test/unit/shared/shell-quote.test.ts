import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { shellQuote } from '../../../shared/text/shell-quote.ts';

const TEXTS = [
  '',
  "it's",
  "''",
  "'\\''",
  '$HOME `id` $(id) !! "quoted" \\',
  'two\nlines\ttab',
  '-n',
  '*?[a]{b,c}~#;&|<>',
  'ä 🔑',
];

describe('shellQuote', () => {
  it.each(['/bin/sh', '/bin/bash'])('writes words that %s reads as the very texts', (shell) => {
    const script = `printf '%s\\0' ${TEXTS.map(shellQuote).join(' ')}`;
    const { stdout } = spawnSync(shell, ['-c', script], { encoding: 'utf8' });
    expect(stdout.split('\0').slice(0, -1)).toEqual(TEXTS);
  });
});
