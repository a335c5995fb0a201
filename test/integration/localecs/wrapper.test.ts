import { spawnSync } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entryScript, WRAPPER } from '../../../controlplane/localecs/process/container-wrapper.ts';
import { createProcessLauncher } from '../../../controlplane/localecs/process/process-launcher.ts';
import { systemClock } from '../../../shared/time/clock.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'wip-wrapper-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const SHELL = ['/bin/sh', '-c', 'exit 7'];
/** Prints its environment. A shell would change it. */
const ENV = ['/usr/bin/env', '-0'];

/** Runs a container to its end. Returns its exit code, its output, and the environment that ENV has printed. */
async function run(environment: Readonly<Record<string, string>>, command: readonly string[] = SHELL) {
  const root = path.join(directory, 'container');
  const launcher = createProcessLauncher({
    command,
    configIni: '',
    searchPath: '/usr/bin:/bin',
    clock: systemClock,
  });
  const launched = await launcher.start({ arn: 'arn:test', directory: root, environment });
  const { exitCode } = await launched.ended;
  const log = await readFile(path.join(root, 'container.log'), 'utf8');
  const seen = new Map(log.split('\0').map((line) => line.split(/=(.*)/s, 2) as [string, string]));
  return { exitCode, seen, log, root };
}

describe('the wrapper of a container', () => {
  it('runs no program of a PATH that came with RunTask; the container itself does', async () => {
    const hostile = path.join(directory, 'hostile');
    await mkdir(hostile);
    for (const name of ['cut', 'ln', 'mv', 'sh', 'env', 'echo', 'test']) {
      await writeFile(path.join(hostile, name), `#!/bin/sh\necho ${name} >>${directory}/ran\nexit 1\n`);
      await chmod(path.join(hostile, name), 0o755);
    }
    const hostilePath = { PATH: `${hostile}:/usr/bin:/bin` };
    expect(await run(hostilePath)).toMatchObject({ exitCode: 7 });
    await rm(path.join(directory, 'container'), { recursive: true });
    const { seen } = await run(hostilePath, ENV);
    expect(seen.get('PATH')).toBe(`${hostile}:/usr/bin:/bin`);
    expect(await readdir(directory)).not.toContain('ran');
  });

  it('loads no library and reads no file that came with RunTask', async () => {
    const startup = path.join(directory, 'startup');
    await writeFile(startup, `echo ran >>${directory}/ran\n`);
    const preload = path.join(directory, 'absent.so');
    // With such a variable the loader complains in every program that it starts. Here only the entrypoint may be among
    // them.
    const { exitCode, log } = await run({ LD_PRELOAD: preload, ENV: startup, BASH_ENV: startup });
    expect(exitCode).toBe(7);
    const complaints = log.split('\n').filter((line) => line.includes(preload));
    // `env`, which hands on variables that no shell sets (ENV, BASH_ENV), and the entrypoint may complain.
    expect(complaints.length).toBeLessThanOrEqual(2);
    expect(await readdir(directory)).not.toContain('ran');
  });

  it('hands every variable on as it is, whatever a shell thinks of its name or of its text', async () => {
    const environment = {
      QUOTED: `it's "quoted" $HOME \`date\` \\ 'x'`,
      LINES: 'one\ntwo\n',
      EMPTY: '',
      UTF8: 'grün ✓',
      'my.variable-1': "it's a $name",
      '-n': 'begins like an option',
      UID: 'nobody',
      PPID: '1',
      OPTIND: 'no number',
      IFS: 'x',
      PS4: '$(date)',
      SHELLOPTS: 'noexec',
      BASH_ENV: '/nonexistent',
      'BASH_FUNC_exec%%': '() { echo trapped; }',
    };
    const { exitCode, seen } = await run(environment, ENV);
    expect(exitCode).toBe(0);
    expect(Object.fromEntries(seen)).toMatchObject(environment);
    expect(seen.get('WIP_TASK_ARN')).toBe('arn:test');
  });

  it('leaves no file with the container’s environment, which holds its token', async () => {
    const { root } = await run({ WIP_ENROL: 'single-use' });
    for (const name of await readdir(root, { recursive: true })) {
      const text = await readFile(path.join(root, name), 'utf8').catch(() => '');
      expect(text.includes('single-use'), name).toBe(false);
    }
  });

  it('notes the exit code of a container that is killed again and again until all of it is gone', async () => {
    const hasty = { ...systemClock, sleep: () => new Promise<void>((resolve) => void setImmediate(resolve)) };
    const launcher = createProcessLauncher({
      command: ['/bin/sleep', '600'],
      configIni: '',
      searchPath: '/usr/bin:/bin',
      clock: hasty,
    });
    // Many, because a program that the wrapper started would live for a millisecond only.
    for (let nth = 0; nth < 50; nth += 1) {
      const root = path.join(directory, String(nth));
      const launched = await launcher.start({ arn: 'arn:test', directory: root, environment: {} });
      launched.kill();
      expect(await launched.ended).toEqual({ exitCode: 137 });
    }
  });

  it('notes the exit code of a container that is killed while the program that wrote down its pid still runs', () => {
    const link = path.join(directory, 'ln');
    writeFileSync(link, '#!/bin/sh\n/bin/ln "$@"\nkill -s KILL $$\n', { mode: 0o755 });
    const entry = path.join(directory, 'entry');
    writeFileSync(entry, entryScript({}));
    const [pid, exit] = [path.join(directory, 'pid'), path.join(directory, 'exit')];
    const killed = WRAPPER.replace('/bin/ln', link);
    const start = () =>
      spawnSync('/bin/sh', ['-c', killed, 'wip-container', pid, exit, ...SHELL], {
        stdio: ['ignore', 'ignore', 'ignore', openSync(entry, 'r')],
      });
    expect([start().status, readFileSync(exit, 'utf8')]).toEqual([7, '7\n']);
    // One directory holds one container all the same.
    expect(start().status).toBe(125);
  });

  it('says which variable fits into no environment', async () => {
    await expect(run({ 'A=B': 'x' })).rejects.toThrow('CannotStartContainerError: the variable "A=B"');
    await expect(run({ NUL: 'a\0b' })).rejects.toThrow('CannotStartContainerError: the variable "NUL"');
  });
});
