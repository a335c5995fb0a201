import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stepOf } from '../../kit/builds/build-place.ts';
import { eventually } from '../../kit/eventually.ts';
import { CHECKOUT, processesIn, useWorkplace, Program, type ProgramEnd } from '../../kit/programs/program.ts';

const WIPCTL = 'controlplane/main.ts';

/** Runs a command line of a shell in which "$@" is the program with its arguments. */
function runInShell(line: string, argv: readonly string[], cwd: string): Promise<ProgramEnd> {
  const program = [process.execPath, '--disable-warning=ExperimentalWarning', join(CHECKOUT, WIPCTL), ...argv];
  return Program.startCommand('bash', ['-c', line, 'bash', ...program], { cwd, environment: { TMPDIR: cwd } }).ended;
}

describe('wipctl whose output cannot be written, as on a full disk', () => {
  it.each([
    ['help', ['--help']],
    ['a result', ['table', 'draw', 'Canary']],
    ['JSON', ['lint', '--schema']],
    ['a completion', ['completion', 'bash']],
  ])('says so in one sentence, and exits with 74: %s', async (_, argv) => {
    const place = useWorkplace();
    expect(await runInShell('"$@" > /dev/full', argv, place.directory)).toEqual({
      code: 74,
      out: '',
      err: 'wipctl: The output could not be written and is not complete: ENOSPC: no space left on device, write.\n',
    });
  });

  it('exits with 74 when the place for its errors is full too', async () => {
    const place = useWorkplace();
    expect(await runInShell('"$@" > /dev/full 2>&1', ['--help'], place.directory)).toMatchObject({ code: 74 });
    expect(await runInShell('"$@" 2> /dev/full', ['nosuch'], place.directory)).toMatchObject({ code: 74 });
  });

  it('ends a build that it has started', async () => {
    const place = useWorkplace();
    writeFileSync(place.path('acquia-pipelines.yaml'), stepOf('echo a; sleep 300'));
    expect(await runInShell('"$@" > /dev/full', ['build'], place.directory)).toMatchObject({ code: 74 });
    await eventually('the end of the step', () => processesIn(place.directory).length === 0, 20_000);
  });

  it('is quiet about a reader that has gone, and exits with 141', async () => {
    const place = useWorkplace();
    const argv = ['lint', '--schema'];
    const { code, err } = await runInShell('set -o pipefail; "$@" | true', argv, place.directory);
    expect({ code, err }).toEqual({ code: 141, err: '' });
  });
});
