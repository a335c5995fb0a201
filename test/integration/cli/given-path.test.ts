import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { readGivenText } from '../../../controlplane/cli/given-path.ts';
import { CommandLine } from '../../kit/programs/command-line.ts';

let directory: string;
let wipctl: CommandLine;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'wip-given-'));
  wipctl = new CommandLine();
  wipctl.cwd = directory;
  for (const name of ['loop', 'loop.json']) symlinkSync(name, join(directory, name));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('a path that cannot be looked at', () => {
  it.each([
    [['run', 'loop'], 'ELOOP'],
    [['run', 'loop.json'], 'ELOOP'],
    [['run', 'x'.repeat(300)], 'ENAMETOOLONG'],
    [['table', 'lint', 'loop'], 'ELOOP'],
    [['ecs', 'explain', 'loop'], 'ELOOP'],
    [['add', 'Canary', '--options', '@loop'], 'ELOOP'],
  ])('is told in one sentence by wipctl %j', async (argv, words) => {
    const { exitCode, err } = await wipctl.run(...argv);
    expect(exitCode).toBe(2);
    expect(err).toMatch(/^wipctl: .* \[USAGE\]\n$/);
    expect(err).toContain(words);
  });
});

describe('a file that is given', () => {
  it('may be a pipe, as of <(…) in a shell', () => {
    const path = join(directory, 'pipe');
    execFileSync('mkfifo', [path]);
    const writer = spawn('sh', ['-c', '{ printf some; printf thing; } > "$0"', path], { stdio: 'ignore' });
    onTestFinished(() => void writer.kill('SIGKILL'));
    expect(readGivenText(path)).toBe('something');
  });

  it('without an end is refused instead of read for ever', async () => {
    const { exitCode, err } = await wipctl.run('table', 'lint', '/dev/zero');
    expect(exitCode).toBe(2);
    expect(err).toContain('/dev/zero cannot be read: it has more than 67108864 bytes');
  });
});
