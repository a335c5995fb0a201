import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TaskViewFacts } from '../../../controlplane/api/tasks/task-views.ts';
import { CommandLine } from '../../kit/programs/command-line.ts';
import { git, makeRepository } from '../../kit/builds/git-place.ts';
import { RUNNING_ATTEMPT } from '../../kit/agent/running-attempt.ts';

const MAIN = fileURLToPath(new URL('../../../controlplane/main.ts', import.meta.url));
const REFUSED: Partial<TaskViewFacts> = {
  status: 'COMPLETE',
  exitStatus: 'ERROR_USER',
  exitMessage: 'Failed while running the build script.',
};

let cli: CommandLine;
let directory: string;
beforeEach(async () => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'wip-watch-')));
  makeRepository(directory, {});
  cli = new CommandLine();
  cli.cwd = directory;
  await cli.listen();
});
afterEach(async () => {
  await cli.close();
  rmSync(directory, { recursive: true });
});

/** Resolves when the text has been printed. */
async function printed(text: string): Promise<void> {
  await expect.poll(() => cli.out.text, { timeout: 60_000 }).toContain(text);
}

describe('wipctl run --watch', () => {
  it('prints states, logs and output as they happen and ends with why and what was used', async () => {
    const watching = cli.run('run', '.', '--no-lint', '--watch');
    await printed('was added');
    cli.services.change(1, { status: 'PROCESSING' }, { step: 'start', log: 'Starting the build' });
    await printed('Starting the build');
    cli.services.change(1, {}, { step: 'executeBuildScript', output: 'no line break' });
    await printed('no line break');
    cli.services.change(
      1,
      { status: 'COMPLETE', exitStatus: 'COMPLETED', exitMessage: 'The build succeeded', attempts: [RUNNING_ATTEMPT] },
      { step: 'finish' },
    );
    const { exitCode, out } = await watching;
    expect(exitCode).toBe(0);
    expect(out.replace(/^ +[\d.]+ s/gm, ' T')).toBe(
      [
        `Building ${basename(directory)} main@${git(directory, 'rev-parse', '--short', 'main')} of ${directory}.`,
        'Task 1 was added: Task 1',
        ' T  → start',
        '           Starting the build',
        // Output and state have the same time here, and output is printed first then.
        'no line break',
        ' T  success → executeBuildScript',
        ' T  success → finish',
        'Task 1 completed: The build succeeded. What its container used is not known.',
        `See ${cli.url}/tasks/1`,
        '',
      ].join('\n'),
    );
  });

  it('exits with 1 when the build failed, and shows the detail when there was no output', async () => {
    cli.services.onAdded = ({ facts }) => cli.services.change(facts.id, { ...REFUSED, exitDetail: 'remote: denied' });
    const { exitCode, out } = await cli.run('run', '.', '--no-lint', '--watch');
    expect(exitCode).toBe(1);
    expect(out).toContain(
      '  remote: denied\nTask 1 failed through an error in the build: Failed while running the build script.',
    );
  });

  it('ends with one sentence of a git host that does not answer, and not with its first try', async () => {
    const why = 'The source repository https://git.example/app.git cannot be read: it does not answer; tried 5 times.';
    const facts: Partial<TaskViewFacts> = {
      exitStatus: 'ERROR_SYSTEM',
      cause: 'source',
      exitMessage: why,
      attempts: [RUNNING_ATTEMPT],
    };
    const detail = 'The repository does not answer; trying again in 1.6 s, try 2 of 5\n';
    cli.services.onAdded = (task) => cli.services.change(task.facts.id, { ...REFUSED, ...facts, exitDetail: detail });
    const { out } = await cli.run('run', '.', '--no-lint', '--watch');
    expect(out).toContain(`Task 1 failed through an error of the system: ${why} What its container used is not known.`);
  });

  it('prints nothing but the last view with --json', async () => {
    cli.services.onAdded = ({ facts }) => cli.services.change(facts.id, REFUSED, { step: 'start', output: 'noise\n' });
    const { exitCode, out } = await cli.run('run', '.', '--no-lint', '--watch', '--json');
    expect([exitCode, JSON.parse(out)]).toMatchObject([1, { id: 1, exitStatus: 'ERROR_USER' }]);
  });

  it('says why a task waits for its turn, once', async () => {
    const watching = cli.run('run', '.', '--no-lint', '--watch');
    await printed('was added');
    cli.services.change(1, { waitsBecause: 'its group BuildSteps already runs 3 of 3 tasks' });
    await printed('waits because its group BuildSteps already runs 3 of 3 tasks.');
    cli.services.change(1, { priority: 'HIGH' });
    cli.services.change(1, { ...REFUSED, waitsBecause: null });
    const { out } = await watching;
    expect(out.match(/already runs/g)).toHaveLength(1);
  });

  it('prints no reason of a task that has started, because its states tell it, but for its end on request', async () => {
    const watching = cli.run('run', '.', '--no-lint', '--watch');
    await printed('was added');
    const started = { status: 'WAITING', startedAt: '2026-03-01T12:00:00Z' } as const;
    const waitsBecause = 'its process is running in the container';
    cli.services.change(1, { ...started, waitsBecause }, { step: 'work', output: 'one\n' });
    await printed('one');
    cli.services.change(1, { ...started, waitsBecause, isTerminating: true });
    await printed('It was asked to terminate and is being ended.');
    cli.services.change(1, REFUSED);
    expect((await watching).out).not.toContain('its process is running');
  });

  it('stops watching at Ctrl-C, says that the build goes on, and leaves it alone', async () => {
    const watching = cli.run('run', '.', '--no-lint', '--watch');
    await printed('was added');
    await expect.poll(() => cli.services.isWatched(1)).toBe(true);
    cli.interrupt.abort();
    const { exitCode, err } = await watching;
    expect([exitCode, cli.services.tasks.get(1)?.facts.isTerminating]).toEqual([130, false]);
    expect(err).toContain('Stopped watching; task 1 goes on.');
  });

  it('goes on where it was when the control plane was restarted meanwhile', async () => {
    const watching = cli.run('run', '.', '--no-lint', '--watch');
    await printed('was added');
    cli.services.change(1, {}, { step: 'start', output: 'one\n' });
    await printed('one');
    await cli.close();
    cli.services.change(1, {}, { output: 'two\n' });
    await printed('The connection was lost');
    await cli.listen();
    await printed('two');
    cli.services.change(1, { status: 'COMPLETE', exitStatus: 'COMPLETED' }, { output: 'three\n' });
    const { exitCode, out } = await watching;
    expect(exitCode).toBe(0);
    expect(out.match(/^(one|two|three)$/gm)).toEqual(['one', 'two', 'three']);
  });
});

describe('wipctl run --watch as a program', () => {
  it('takes its exit code from the build, and has no colours in a pipe', async () => {
    cli.services.onAdded = ({ facts }) => cli.services.change(facts.id, REFUSED, { step: 'start' });
    const child = spawn(process.execPath, [MAIN, 'run', directory, '--no-lint', '--watch'], {
      env: { PATH: process.env['PATH'], WIP_SERVER: cli.url, WIP_TOKEN: cli.environment['WIP_TOKEN'] },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
    const exitCode = await new Promise((resolve) => child.on('close', resolve));
    expect(exitCode).toBe(1);
    expect(out).toContain('Task 1 failed through an error in the build');
    expect(out).not.toContain('\u001b');
  });
});
