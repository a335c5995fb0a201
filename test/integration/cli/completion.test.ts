import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shellQuote } from '../../../shared/text/shell-quote.ts';
import { CommandLine } from '../../kit/programs/command-line.ts';
import { lacking } from '../../kit/lacking.ts';
import { CHECKOUT, COMPILE_CACHE } from '../../kit/programs/program.ts';

const BOUND_MS = 60_000;

let cli: CommandLine;
let directory: string;
beforeEach(async () => {
  cli = new CommandLine();
  await cli.listen();
  for (let id = 1; id <= 12; id += 1) {
    await cli.services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ann' });
  }
  for (const name of ['nightly', 'release', '$(touch evil)']) {
    const limits = { running: 0, maxRunning: 3, queued: 0, pause: null, retentionDays: 3, clusters: [] };
    cli.services.groups.set(name, { name, ...limits });
  }
  directory = mkdtempSync(join(tmpdir(), 'wip-completion-'));
  mkdirSync(join(directory, 'bin'));
  writeFileSync(join(directory, 'build.json'), '{}');
  const main = [process.execPath, '--disable-warning=ExperimentalWarning', join(CHECKOUT, 'controlplane', 'main.ts')];
  writeFileSync(join(directory, 'bin', 'wipctl'), `#!/bin/sh\nexec ${main.map(shellQuote).join(' ')} "$@"\n`);
  chmodSync(join(directory, 'bin', 'wipctl'), 0o755);
});
afterEach(async () => {
  await cli.close();
  rmSync(directory, { recursive: true });
});

/** Runs a script of a shell that has the completion loaded as `load`. Returns the lines that it prints. */
async function linesOf(shell: string, args: readonly string[], script: string): Promise<string[]> {
  const { out } = await cli.run('completion', shell);
  writeFileSync(join(directory, 'completion'), out);
  const env = {
    ...cli.environment,
    ...COMPILE_CACHE,
    HOME: directory,
    PATH: `${join(directory, 'bin')}:${process.env['PATH'] ?? ''}`,
  };
  const options = { env, cwd: directory, timeout: BOUND_MS };
  const { stdout } = await promisify(execFile)(shell, [...args, script], options);
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '');
}

type Complete = (line: string) => Promise<string[]>;

/** Presses Tab at the end of the line. Returns the candidates, in order. */
const inBash: Complete = async (line) => {
  const script = `source ./completion
    COMP_LINE=${shellQuote(line)}; read -ra COMP_WORDS <<< "$COMP_LINE"; [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 )); compopt() { :; }
    _wipctl; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return (await linesOf('bash', ['--norc', '-c'], script)).sort();
};

const inFish: Complete = async (line) => {
  const lines = await linesOf('fish', ['--no-config', '-c'], `source ./completion; complete -C ${shellQuote(line)}`);
  return lines.map((one) => one.split('\t')[0] ?? '').sort();
};

/** zsh completes only in its line editor: the functions of its completion system are replaced by ones that print. */
const inZsh: Complete = async (line) => {
  const script = `source <(print 'compdef() { : }'; cat ./completion)
    compadd() { shift; print -l -- "\${(@P)1}" }; _files() { print -l -- * }
    line=${shellQuote(line)}; words=(\${(z)line}); [[ $line == *' ' ]] && words+=('')
    CURRENT=$#words; _wipctl`;
  const word = line.endsWith(' ') ? '' : (line.split(' ').at(-1) ?? '');
  // The real compadd leaves out what does not begin with the word.
  return (await linesOf('zsh', ['-f', '-c'], script)).filter((one) => one.startsWith(word)).sort();
};

const SHELLS: readonly [name: string, complete: Complete, path: string][] = [
  ['bash', inBash, '/usr/bin/bash'],
  ['zsh', inZsh, '/usr/bin/zsh'],
  ['fish', inFish, '/usr/bin/fish'],
];

describe.each(SHELLS)('completion in %s', (name, complete, path) => {
  const why = lacking(name, existsSync(path), name);

  it.skipIf(why)(
    `knows commands, options, and what they take${why ? ` (${why})` : ''}`,
    async () => {
      expect(await complete('wipctl ter')).toEqual(['terminate']);
      expect(await complete('wipctl clusters sa')).toEqual(['save']);
      expect(await complete('wipctl tokens create --role ')).toEqual(['admin', 'operator', 'submitter', 'viewer']);
      expect(await complete('wipctl run --bra')).toEqual(['--branch']);
      expect(await complete('wipctl context use --no')).toEqual(['--none']);
      expect(await complete('wipctl lint bui')).toEqual(['build.json']);
      expect(await complete('wipctl run --branch ')).toEqual([]);
    },
    BOUND_MS,
  );

  it.skipIf(why)(
    `asks the server for names${why ? ` (${why})` : ''}`,
    async () => {
      expect(await complete('wipctl show 1')).toEqual(['1', '10', '11', '12']);
      expect(await complete('wipctl tasks --group ')).toEqual(['nightly', 'release']);
      expect(existsSync(join(directory, 'evil'))).toBe(false);
      await cli.close();
      expect(await complete('wipctl show 1')).toEqual([]);
    },
    BOUND_MS,
  );
});

describe('wipctl completion', () => {
  it('refuses a shell that it does not know', async () => {
    expect(await cli.run('completion', 'tcsh')).toMatchObject({ exitCode: 2, out: '' });
    expect(await cli.run('completion')).toMatchObject({ exitCode: 2, out: '' });
  });
});
