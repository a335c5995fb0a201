import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { CommandLine } from '../../kit/programs/command-line.ts';
import { stepOf } from '../../kit/builds/build-place.ts';
import { eventually } from '../../kit/eventually.ts';
import { Program } from '../../kit/programs/program.ts';

let directory: string;
let wipctl: CommandLine;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'wip-build-here-')));
  wipctl = new CommandLine();
  wipctl.cwd = directory;
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(text: string, name = 'acquia-pipelines.yaml'): void {
  writeFileSync(join(directory, name), text);
}

describe('wipctl build', () => {
  it('runs the build file of the directory with the code that runs in a container', async () => {
    write(stepOf('echo "$WORD in $PWD"'));
    expect(await wipctl.run('build', '--env', 'WORD=hello world')).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining(`\nhello world in ${directory}\n`),
      err: '',
    });
  });

  it('exits with 1 when a step fails, and says where', async () => {
    write(stepOf('true', 'exit 7'), 'my file.yaml');
    const { exitCode, err } = await wipctl.run('build', 'my file.yaml', '--step', 'only');
    expect({ exitCode, err }).toEqual({
      exitCode: 1,
      err: 'The step "only" failed in line 8 of my file.yaml, exit code 7: exit 7\n',
    });
  });

  it('exits with 2 for a wrong event, and with 1 without a file', async () => {
    expect(await wipctl.run('build', '--event', 'bild')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('"bild" is not an event'),
    });
    expect(await wipctl.run('build')).toMatchObject({ exitCode: 1, err: expect.stringMatching(/^BUILD_FILE_MISSING/) });
  });

  it('ends its steps when it is interrupted, and exits with 130', async () => {
    write(stepOf('echo $$ > pid; exec sleep 300'));
    const running = wipctl.run('build');
    const pid = await eventually('the step', () => {
      try {
        return Number(readFileSync(join(directory, 'pid'), 'utf8'));
      } catch {
        return 0; // not written yet
      }
    });
    wipctl.interrupt.abort();
    expect(await running).toMatchObject({ exitCode: 130, err: expect.stringContaining('The build was terminated.\n') });
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});

/** Waits for the number that a step writes to this file. */
function pidIn(name: string): Promise<number> {
  return eventually(`the file ${name}`, () => {
    try {
      return Number(/^(\d+)\n$/.exec(readFileSync(join(directory, name), 'utf8'))?.[1]);
    } catch {
      return 0; // not written yet
    }
  });
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('wipctl build that is ended by a signal', () => {
  /** A build whose step runs until it is ended, then a command that must never run. */
  async function startBuild(): Promise<{ build: Program; steps: number[] }> {
    write(stepOf('sleep 300 & echo $! > left; echo $$ > pid; wait; touch later'));
    const build = Program.start('controlplane/main.ts', ['build'], { cwd: directory });
    const steps: number[] = [];
    onTestFinished(async () => {
      for (const pid of steps.filter(isThere)) process.kill(pid, 'SIGKILL');
      await build.close();
    });
    steps.push(await pidIn('left'), await pidIn('pid'));
    return { build, steps };
  }

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ] as const)('after %s waits for the end of its steps, and exits with %d', async (signal, code) => {
    const { build, steps } = await startBuild();
    build.signal(signal);
    expect(await build.ended).toMatchObject({ code, err: 'The build was terminated.\n' });
    expect(steps.filter(isThere)).toEqual([]);
  });

  it('by SIGKILL leaves no step running', async () => {
    const { build, steps } = await startBuild();
    build.signal('SIGKILL');
    await eventually('the end of the steps', () => !steps.some(isThere), 20_000);
  });

  it('says so when its tool was killed, and exits with 137', async () => {
    write(stepOf('echo $PPID > tool; echo $$ > pid; exec sleep 300'));
    const running = wipctl.run('build');
    const [tool, pid] = [await pidIn('tool'), await pidIn('pid')];
    onTestFinished(() => void (isThere(pid) && process.kill(pid, 'SIGKILL')));
    process.kill(tool, 'SIGKILL');
    expect(await running).toMatchObject({
      exitCode: 137,
      err: expect.stringMatching(
        /^wipctl: The build tool was ended by SIGKILL, so there is no result\. A step that was running is ended within/,
      ),
    });
    await eventually('the end of the step', () => !isThere(pid), 20_000);
  });
});

describe('a build tool that is killed by SIGKILL', () => {
  /** A step that leaves processes of each kind. */
  const STEP = stepOf(
    'sleep 300 & echo $! > child; env -i sleep 300 & echo $! > bare',
    'setsid sleep 300 & echo $! > daemon; echo $PPID > tool',
    // What does not end at TERM.
    "trap '' TERM; echo $$ > pid; while :; do sleep 1; done",
  );

  it('leaves no process of its steps, and none of its private files', async () => {
    write(STEP);
    const temporary = join(directory, 'tmp');
    mkdirSync(temporary);
    // The tool by itself, as an agent calls it: nobody above it ends anything.
    const build = Program.start('agent/main.ts', ['build', 'local'], {
      cwd: directory,
      environment: { TMPDIR: temporary },
    });
    onTestFinished(async () => void (await build.close()));
    const pids: number[] = [];
    for (const name of ['child', 'bare', 'daemon', 'pid']) pids.push(await pidIn(name));
    onTestFinished(() => pids.filter(isThere).forEach((pid) => process.kill(pid, 'SIGKILL')));
    expect(readdirSync(temporary)).toEqual([expect.stringMatching(/^wip-build-/)]);
    build.signal('SIGKILL');
    await eventually('the end of the steps', () => !pids.some(isThere), 20_000);
    await eventually('the removal of the private files', () => readdirSync(temporary).length === 0, 20_000);
  });

  it('leaves neither a push that goes on nor the deploy key', async () => {
    const git = (...args: string[]): void => void execFileSync('git', args, { cwd: directory, stdio: 'ignore' });
    git('init', '--bare', 'deploy');
    git('init', 'workspace');
    write(stepOf('echo made > artefact'), 'workspace/acquia-pipelines.yaml');
    const hook = `#!/bin/sh\necho $$ >'${directory}/hook'\nexec sleep 300\n`;
    writeFileSync(join(directory, 'deploy', 'hooks', 'pre-receive'), hook, { mode: 0o755 });
    const temporary = join(directory, 'tmp');
    mkdirSync(temporary);
    writeFileSync(join(directory, 'key'), 'a private key\n');
    const build = Program.start(
      'agent/main.ts',
      [
        ...['build', 'run', '--workspace', 'workspace', '--source-path', 'main'],
        '--deploy-uri',
        'deploy',
        '--deploy-path',
        'built',
      ],
      { cwd: directory, environment: { TMPDIR: temporary, WIP_DEPLOY_KEY_FILE: join(directory, 'key') } },
    );
    onTestFinished(async () => void (await build.close()));
    const pid = await pidIn('hook');
    onTestFinished(() => void (isThere(pid) && process.kill(pid, 'SIGKILL')));
    expect(
      readdirSync(temporary)
        .map((name) => name.slice(0, -6))
        .toSorted(),
    ).toEqual(['wip-build-', 'wip-deploy-']);
    build.signal('SIGKILL');
    await eventually('the end of the push', () => !isThere(pid), 20_000);
    await eventually('the removal of the private files', () => readdirSync(temporary).length === 0, 20_000);
  });

  it('leaves nothing when a step kills it', async () => {
    write(stepOf('sleep 300 & echo $! > child; echo $$ > pid; kill -9 $PPID; wait'));
    const build = Program.start('agent/main.ts', ['build', 'local'], { cwd: directory });
    onTestFinished(async () => void (await build.close()));
    const pids = [await pidIn('child'), await pidIn('pid')];
    await eventually('the end of the steps', () => !pids.some(isThere), 20_000);
  });
});

describe('a name with control characters', () => {
  it.each([
    ['of a valid file', stepOf('true')],
    ['of a file with problems', 'a'],
    ['of a file whose build fails', stepOf('false')],
    ['of a file with warnings', 'version: 1.0.0\n'],
  ])('is shown as text: %s', async (_, text) => {
    const name = 'a\u001b[31mb\u202e.yaml';
    write(text, name);
    const outcomes = [
      await wipctl.run('lint', name),
      await wipctl.run('build', name),
      await wipctl.run('lint', `no${name}`),
    ];
    const all = outcomes.map(({ out, err }) => `${out}${err}`).join('');
    expect(all).toContain('a\\u001b[31mb\\u202e.yaml');
    expect(all).not.toMatch(/[\u001b\u202e]/);
  });
});

describe.each(['lint', 'build'])('wipctl %s of a path that is no file', (command) => {
  it.each([
    ['a link to itself', () => symlinkSync('loop', join(directory, 'loop')), 'loop', 'cannot be used: ELOOP'],
    ['a name that is too long', () => undefined, 'x'.repeat(300), 'cannot be used: ENAMETOOLONG'],
    ['a path through a file', () => write('', 'plain'), 'plain/file', 'There is no file'],
    ['a device', () => undefined, '/dev/null', '/dev/null is not a regular file'],
    ['nothing', () => undefined, 'nowhere', 'There is no file'],
  ])('says so in one sentence: %s', async (_, prepare, path, words) => {
    prepare();
    const { exitCode, err } = await wipctl.run(command, path);
    expect(exitCode).toBe(2);
    expect(err).toContain(words);
    expect(err).toMatch(/^wipctl: .*\. Give the path of .*\. \[USAGE\]\n$/);
  });

  it('takes a directory for the build file in it', async () => {
    write(stepOf('true'));
    expect(await wipctl.run(command, '.')).toMatchObject({ exitCode: 0, err: '' });
  });
});

describe('wipctl lint', () => {
  it('exits with 0 for a valid file, and with 1 for a typo, which it names with its line', async () => {
    write(stepOf('true'));
    expect(await wipctl.run('lint')).toEqual({
      exitCode: 0,
      out: 'acquia-pipelines.yaml is a valid build file: build (1 step).\n',
      err: '',
    });
    write(stepOf('true').replace('steps', 'step'), 'typo.yaml');
    const { exitCode, err } = await wipctl.run('lint', 'typo.yaml');
    expect(exitCode).toBe(1);
    expect(err).toContain('typo.yaml:4:5: "step" is not a key of an event; allowed is steps');
    expect(JSON.parse((await wipctl.run('lint', 'typo.yaml', '--json')).out)).toMatchObject({
      isValid: false,
      problems: [{ line: 4, column: 5 }],
    });
  });

  it('--schema prints the JSON Schema for editors', async () => {
    const { exitCode, out } = await wipctl.run('lint', '--schema');
    expect(exitCode).toBe(0);
    const committed = readFileSync(new URL('../../../config/build-file.schema.json', import.meta.url), 'utf8');
    expect(JSON.parse(out)).toEqual(JSON.parse(committed));
  });
});
