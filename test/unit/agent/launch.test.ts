import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { planLaunch, printExports } from '../../../agent/process/launch.ts';
import { processEnvironment } from '../../../agent/process/process-environment.ts';
import { findSystemProgram, SYSTEM_DIRECTORIES } from '../../../agent/system/system-program.ts';
import { skipped } from '../../kit/agent/agent-suite.ts';

const local = { name: 'local', uid: 1_000, gid: 1_000, home: '/home/local', shell: '/bin/bash', groups: [] };
const root = { ...local, name: 'root', uid: 0, gid: 0, home: '/root' };
const scratch = mkdtempSync(join(tmpdir(), 'wip-launch-'));
afterAll(() => rmSync(scratch, { recursive: true }));

describe('a launch', () => {
  it('raises the oom score, and changes the user only as root', () => {
    const args = ['-c', expect.stringContaining('oom_score_adj'), 'sh', 'make'];
    expect(planLaunch(['make'], local, 1_000)).toEqual({ kind: 'same-user', args });
    expect(planLaunch(['make'], local, 0)).toEqual({ kind: 'other-user', args, as: { uid: 1_000, gid: 1_000 } });
  });

  it('as a user of several groups gives root no variable of the build, and no name to look up', () => {
    const plan = planLaunch(['make'], { ...local, groups: [27, 44] }, 0);
    expect(plan.kind).toBe('other-groups');
    expect(plan.args.slice(0, 4)).toEqual(['--reuid=1000', '--regid=1000', '--groups=27,44', '--']);
    // setpriv executes the first of these as the new user, before any variable of the build is set.
    expect(SYSTEM_DIRECTORIES.map((directory) => join(directory, 'sh'))).toContain(plan.args[4]);
    expect(plan.args.at(-1)).toBe('make');
  });
});

describe('the environment that a shell loads', () => {
  // Called sh, as in images.
  const shells = ['dash', 'bash', 'busybox'].filter((shell) => existsSync(`/bin/${shell}`));
  const load = (shell: string, environment: Record<string, string>): Record<string, string> => {
    const script = 'eval "$(/bin/cat)"; exec /usr/bin/env -0';
    const how = { argv0: 'sh', env: {}, input: printExports(environment) };
    const { stdout } = spawnSync(`/bin/${shell}`, ['-c', script], how);
    const pairs = stdout.toString().split('\0').slice(0, -1);
    return Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s, 2)));
  };

  it.each(shells)('by %s is the one that was given, whatever is in it', (shell) => {
    const name = fc.stringMatching(/^[A-Z]{3,12}_[A-Za-z0-9_]{1,8}$/);
    const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom(...'\'"\\$`\n\t %ŁŃ') }));
    const environment = fc.dictionary(
      name,
      value.map((text) => text.replaceAll('\0', '').toWellFormed()),
    );
    fc.assert(
      fc.property(environment, (given) => {
        expect(load(shell, given)).toMatchObject(given);
      }),
      { numRuns: 30 },
    );
  });

  it.each(shells)('by %s goes on after a name that the shell keeps for itself', (shell) => {
    const given = { UID: '5', PPID: '1', OPTIND: 'abc', BASHOPTS: 'x', LAST: 'is there' };
    expect(load(shell, given)['LAST']).toBe('is there');
  });
});

describe('the environment of a process', () => {
  const container = {
    path: '/opt/tools:/bin',
    language: 'C',
    temporaryDirectory: null,
    buildEnvironment: { A: '1', LD_PRELOAD: '/evil.so' },
    isBuildRoot: false,
  };
  const order = { secure: { TOKEN: 't' }, given: [{ A: '2', HOME: '/x' }], mark: 'm' };

  it('has layers of which later ones win', () => {
    expect(processEnvironment(container, { ...order, account: local })).toEqual({
      ...{ PATH: '/opt/tools:/bin', HOME: '/x', USER: 'local', LOGNAME: 'local', SHELL: '/bin/bash', LANG: 'C' },
      ...{ LD_PRELOAD: '/evil.so', A: '2', TOKEN: 't', WIP_PROCESS: 'm' },
    });
  });

  it('of root is not led by a PATH or LD_PRELOAD of the build, unless the build is root itself', () => {
    const ofRoot = processEnvironment(container, { ...order, account: root });
    expect(ofRoot).toMatchObject({ PATH: SYSTEM_DIRECTORIES.join(':'), A: '2' });
    expect(Object.keys(ofRoot)).not.toEqual(expect.arrayContaining(['LD_PRELOAD']));
    expect(Object.keys(ofRoot)).not.toEqual(expect.arrayContaining(['TOKEN']));
    const ofRootBuild = processEnvironment({ ...container, isBuildRoot: true }, { ...order, account: root });
    expect(ofRootBuild).toMatchObject({ LD_PRELOAD: '/evil.so', TOKEN: 't' });
  });
});

describe('a program of the system', () => {
  it('is found by its whole path, without PATH', () => {
    expect(findSystemProgram('sh')).toMatch(/^\/.*\/sh$/);
    expect(() => findSystemProgram('sh', [scratch])).toThrow(`The program sh is in none of ${scratch}`);
  });

  const notRoot = process.getuid?.() === 0 ? undefined : 'needs root';
  it.skipIf(notRoot)(`that others than root can replace is not run by root${skipped(notRoot)}`, async () => {
    // Below /var/tmp, which is sticky: only the owner can rename an entry there.
    const directory = execFileSync('mktemp', ['-d', '/var/tmp/wip-system-XXXXXX'], { encoding: 'utf8' }).trim();
    try {
      const file = join(directory, 'df');
      await writeFile(file, '#!/bin/sh\n', { mode: 0o755 });
      expect(findSystemProgram('df', [directory], 0)).toBe(file);
      await chmod(file, 0o775);
      expect(() => findSystemProgram('df', [directory], 0)).toThrow(/can be replaced by others than root/);
      await chmod(file, 0o755);
      await chown(file, 12_345, 0);
      expect(() => findSystemProgram('df', [directory], 0)).toThrow(/can be replaced by others than root/);
      await chown(file, 0, 0);
      await chmod(directory, 0o777);
      expect(() => findSystemProgram('df', [directory], 0)).toThrow(/can be replaced by others than root/);
      await mkdir(join(directory, 'sh'));
      expect(() => findSystemProgram('sh', [directory], 0)).toThrow(/is in none of/);
      expect(statSync(directory).uid).toBe(0);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
