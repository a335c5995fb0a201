import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TaskViewFacts } from '../../../controlplane/api/tasks/task-views.ts';
import { CommandLine, type CommandResult } from '../../kit/programs/command-line.ts';
import { git, makeRepository } from '../../kit/builds/git-place.ts';

const USAGE: NonNullable<TaskViewFacts['usage']> = {
  wallSeconds: 12.3,
  cpuSeconds: 3,
  memoryPeakBytes: 84_000_000,
  diskWorkloadBytes: 2_100_000_000,
  diskPeakBytes: 2_100_000_000,
  outputBytes: 6,
  outputOmittedBytes: 0,
};

let cli: CommandLine;
let directory: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'wip-cli-'));
  makeRepository(join(directory, 'app'), {});
  git(join(directory, 'app'), 'branch', '--move', 'trunk');
  cli = new CommandLine();
  cli.cwd = directory;
  await cli.listen();
});
afterEach(async () => {
  await cli.close();
  rmSync(directory, { recursive: true });
});

/** Adds a build and ends it. */
async function endedBuild(facts: Partial<TaskViewFacts> = {}): Promise<void> {
  await cli.run('run', 'app', '--no-lint');
  cli.services.change(1, { status: 'PROCESSING' }, { step: 'start', log: 'Starting the build' });
  cli.services.change(
    1,
    { status: 'COMPLETE', exitStatus: 'COMPLETED', usage: USAGE, ...facts },
    { step: 'finish', output: 'hello\n' },
  );
}

function expectRefusal(result: CommandResult, exitCode: number, code: string): void {
  expect([result.exitCode, result.out]).toEqual([exitCode, '']);
  // The message is two sentences and the code.
  expect(result.err).toMatch(new RegExp(`^wipctl: .+\\. .+\\. \\[${code}\\]\\n$`));
}

const NOTHING_USED = {
  wallSeconds: null,
  cpuSeconds: null,
  memoryPeakBytes: null,
  diskWorkloadBytes: null,
  diskPeakBytes: null,
  outputBytes: null,
  outputOmittedBytes: null,
};

describe('wipctl run', () => {
  it('adds a BuildSteps task for the branch that is checked out and says how to follow it', async () => {
    const result = await cli.run(
      'run',
      './app',
      '--no-lint',
      '--deploy-uri',
      'git@example.org:out.git',
      '--deploy-path',
      'built',
    );
    expect(result).toMatchObject({ exitCode: 0, err: '' });
    expect(result.out).toContain('Task 1 was added. Follow it with "wipctl logs 1 -f"');
    expect(cli.services.tasks.get(1)?.facts).toMatchObject({
      kind: 'BuildSteps',
      options: {
        sourceVcsUri: join(directory, 'app'),
        vcsPath: 'trunk',
        deployVcsUri: 'git@example.org:out.git',
        deployVcsPath: 'built',
      },
    });
  });

  it('says what is built before the build starts, and warns of what is not', async () => {
    const commit = git(join(directory, 'app'), 'rev-parse', '--short', 'trunk');
    expect((await cli.run('run', 'app', '--no-lint')).out).toContain(
      `Building app trunk@${commit} of ${join(directory, 'app')}.\n`,
    );
    writeFileSync(join(directory, 'app', 'new\u001b[2J'), '');
    const json = await cli.run('run', 'app', '--no-lint', '--json');
    expect(JSON.parse(json.out)).toMatchObject({ id: 2 });
    expect(json.err).toMatch(
      /^Building app trunk@.*\nwipctl: warning: One uncommitted change of app .*new\\x1b\[2J; .*\.\n$/,
    );
    const url = await cli.run('run', 'https://me:hunter2@example.org/app.git');
    expect(url).toMatchObject({
      err: '',
      out: expect.stringMatching(/^Building main of https:\/\/example\.org\/app\.git\.\n/),
    });
  });

  it('does not build main when no branch is checked out', async () => {
    git(join(directory, 'app'), 'switch', '--quiet', '--detach');
    const refused = await cli.run('run', 'app', '--no-lint');
    expectRefusal(refused, 2, 'USAGE');
    expect(refused.err).toContain('--branch, such as: trunk');
    expect(cli.services.tasks.size).toBe(0);
    await cli.run('run', 'app', '--no-lint', '--branch', 'trunk');
    expect(cli.services.tasks.get(1)?.facts.options).toMatchObject({ vcsPath: 'trunk' });
  });

  it('reads the options from a JSON file, and flags win over it', async () => {
    writeFileSync(join(directory, 'build.json'), '{"sourceVcsUri": "https://example.org/a.git", "vcsPath": "main"}');
    await cli.run('run', 'build.json', '--branch', 'release', '--event', 'post-deploy');
    expect(cli.services.tasks.get(1)?.facts.options).toEqual({
      sourceVcsUri: 'https://example.org/a.git',
      vcsPath: 'release',
      event: 'post-deploy',
    });
  });

  it('asks for sizes of the container in the words of ECS', async () => {
    await cli.run('run', 'app', '--no-lint', '--cpu', '2 vCPU', '--memory', '4096', '--storage', '50');
    expect(cli.services.tasks.get(1)?.facts.options).toMatchObject({
      containerCpu: 2048,
      containerMemory: 4096,
      containerStorage: 50,
    });
    expect(await cli.run('run', 'app', '--memory', 'much')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('a size such as "2 vCPU" or "4 GB"') as string,
    });
  });

  it('adds nothing twice under one client job id', async () => {
    await cli.run('run', 'app', '--no-lint', '--client-job-id', 'job-1');
    expect((await cli.run('run', 'app', '--no-lint', '--client-job-id', 'job-1', '--json')).out).toContain('"id": 1');
    expect(cli.services.tasks.size).toBe(1);
  });

  it.each([
    ['a repository that is not there', ['run', 'nowhere']],
    ['a directory that is no repository', ['run', '.']],
    ['a file of options that is not there', ['run', 'nothing.json']],
    ['a deployment repository that is not there', ['run', 'app', '--deploy-uri', 'nowhere']],
  ])('refuses %s before anything is sent', async (_what, argv) => {
    expectRefusal(await cli.run(...argv), 2, 'USAGE');
    expect(cli.services.tasks.size).toBe(0);
  });
});

describe('wipctl tasks', () => {
  it('lists tasks with why they wait or ended, cut at the width of a terminal', async () => {
    await endedBuild({ exitStatus: 'ERROR_USER', exitMessage: 'Failed while running the build script.' });
    const lines = (await cli.run('tasks')).out.split('\n');
    expect(lines[1]).toMatch(/^1 +COMPLETE +ERROR_USER +BuildSteps .* Failed while running the build script\.$/);
    cli.terminal = { columns: 40 };
    const shown = stripVTControlCharacters((await cli.run('tasks')).out);
    expect(shown.split('\n').filter((line) => line.length > 40)).toEqual([]);
  });

  it('passes filters on and says when there is nothing or more', async () => {
    await endedBuild();
    expect((await cli.run('tasks', '--status', 'waiting')).out).toBe('There are no such tasks.\n');
    expect((await cli.run('tasks', '--parent', '1')).out).toBe('There are no such tasks.\n');
    await cli.run('run', 'app', '--no-lint');
    expect((await cli.run('tasks', '--limit', '1')).err).toContain('see more with --limit');
    expectRefusal(await cli.run('tasks', '--status', 'blue'), 2, 'USAGE');
  });

  it('prints JSON for programs', async () => {
    await endedBuild();
    expect(JSON.parse((await cli.run('tasks', '--json')).out)).toMatchObject({ tasks: [{ id: 1 }], nextCursor: null });
  });
});

describe('wipctl show, logs, transcript', () => {
  it('show where a task is, why, and what it used', async () => {
    await endedBuild({
      exitMessage: 'The build succeeded.',
      exitDetail: 'git says\u001b[2J no\n',
      builtCommit: 'c0ffee',
    });
    const { out } = await cli.run('show', '1');
    expect(out).toMatch(/Built +commit c0ffee/);
    expect(out).not.toContain('Artefact');
    expect(out).toMatch(/Why +The build succeeded\./);
    expect(out).toMatch(/Used +12 s, 2\.1 GB of disk and 84 MB of memory/);
    expect(out).toContain('    git says no\n');
  });

  it('show which place in the queue a task has, and when it is expected to start', async () => {
    await cli.services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ann' });
    const expectedStartAt = new Date(Date.now() + 125_500).toISOString();
    const gates = { gates: [], position: 2, of: 5, expectedStartAt, usualSeconds: 60 };
    cli.services.queue.views.set(1, gates);
    const { out } = await cli.run('show', '1');
    expect(out).toMatch(/^ +Queue +number 2 of 5 in its group$/m);
    expect(out).toMatch(/^ +Starts +in about 2 min.* \(.*Z\), if tasks of its group take their usual 1 min/m);
    cli.services.change(1, { phase: 'running', status: 'PROCESSING' });
    expect((await cli.run('show', '1')).out).not.toMatch(/^ +(Queue|Starts) /m);
  });

  it.each([60, 80, 120])('show fits a terminal of %i columns, and a pipe gets each value whole', async (columns) => {
    const words =
      'The step "test" failed in line 20 of acquia-pipelines.yaml, exit code 127: bash tests/none.sh'.repeat(2);
    await endedBuild({ exitMessage: `${words}.`, evidence: [words] });
    expect((await cli.run('show', '1')).out).toContain(`${words}.\n`);
    cli.terminal = { columns };
    const shown = stripVTControlCharacters((await cli.run('show', '1')).out);
    expect(shown.split('\n').filter((line) => line.length > columns)).toEqual([]);
    expect(shown.replace(/\s+/g, ' ')).toContain(words);
  });

  it('print the logs, the bytes of one stream, and the way through the states', async () => {
    await endedBuild();
    expect((await cli.run('logs', '1')).out).toBe('hello\n');
    const states = (await cli.run('logs', '1', '--states')).out.replace(/^\S+ /gm, 'T ').split('\n');
    expect(states.sort()).toEqual(['', 'T  Starting the build', 'T  success → finish', 'T  → start']);
    expect((await cli.run('logs', '1', '--stream', 'stdout')).out).toBe('hello\n');
    expect((await cli.run('logs', '1', '-f', '--stream', 'stdout')).out).toBe('hello\n');
    expect((await cli.run('transcript', '1')).out).toBe("start\nstart => 'success' => finish\n");
  });

  it('say in a transcript where a restarted task began anew', async () => {
    await endedBuild();
    await cli.run('restart', '1');
    cli.services.change(1, { status: 'PROCESSING' }, { step: 'start' });
    expect((await cli.run('transcript', '1')).out.split('\n')).toEqual([
      'start',
      "start => 'success' => finish",
      'start  # after a restart',
      '',
    ]);
  });

  it('say in its place how much of the output is missing, in logs -f, show and the last line', async () => {
    await cli.run('run', 'app', '--no-lint');
    cli.services.change(1, {}, { output: '12820\n12821\n' });
    cli.services.change(1, {}, { output: '952102\n', omitted: 6_000_000 });
    const usage = { ...NOTHING_USED, outputBytes: 6_000_019, outputOmittedBytes: 6_000_000 };
    cli.services.change(1, { status: 'COMPLETE', exitStatus: 'COMPLETED', usage });
    const mark = '[wip: 6000000 bytes of stdout are missing here]';
    const lines = (text: string): string[] => text.split('\n').filter((line) => /^(\d{5,}$|\[wip)/.test(line));
    const expected = ['12820', '12821', mark, '952102'];
    const followed = await cli.run('logs', '1', '-f');
    expect(lines(followed.out)).toEqual(expected);
    expect(lines((await cli.run('logs', '1', '-f', '--stream', 'stdout')).out)).toEqual(expected);
    expect((await cli.run('show', '1')).out).toContain('6000000 of 6000019 bytes are missing');
    expect((await cli.run('logs', '1')).err).toBe('6000000 of 6000019 bytes of the output were not kept.\n');
    expect((await cli.run('logs', '1', '-f', '--json')).out).toContain('"omittedBefore":6000000');
    cli.terminal = { columns: 80 };
    expect((await cli.run('logs', '1', '-f')).out).toMatch(/Of its output 6000000 of\s6000019\sbytes are missing\./);
  });

  it('pass bytes on as they are, whatever they are', async () => {
    await cli.run('run', 'app', '--no-lint');
    const data = Buffer.from([0xff, 0x00, 0x1b, 0xe2, 0x82]);
    const at = new Date().toISOString();
    const where = { attempt: 1, processId: 'p', stream: 'stderr', offset: 0, omittedBefore: 0 } as const;
    cli.services.tasks.get(1)?.pieces.push({ id: 1, at, ...where, data });
    await cli.run('logs', '1', '--stream', 'stderr');
    expect(cli.out.bytes).toEqual(data);
  });
});

describe('wipctl terminate, pause, resume, restart', () => {
  it('say what has become of the task', async () => {
    await cli.run('run', 'app', '--no-lint');
    expect((await cli.run('pause', '-t', '1')).out).toContain('Task 1 is paused.');
    expect((await cli.run('resume', '-t', '1')).out).toBe('Task 1 goes on.\n');
    expect((await cli.run('terminate', '1')).out).toContain('Task 1 is being terminated.');
    expectRefusal(await cli.run('restart', '1'), 4, 'TASK_NOT_FINISHED');
    cli.services.change(1, { status: 'COMPLETE', exitStatus: 'TERMINATED' });
    expect((await cli.run('terminate', '1')).out).toBe('Task 1 had ended already: It was terminated on request.\n');
    expect((await cli.run('restart', '1')).out).toContain('Task 1 was restarted.');
  });
});

describe('wipctl prioritise', () => {
  it('puts a task before others, or says its priority; both spellings are known', async () => {
    cli.environment = { ...cli.environment, WIP_TOKEN: cli.services.giveToken({ name: 'olga', role: 'operator' }) };
    await cli.run('run', 'app', '--no-lint');
    expect((await cli.run('prioritise', '1')).out).toBe('Task 1 comes before all others that wait.\n');
    expect((await cli.run('show', '1')).out).toContain('priority MEDIUM, before all others');
    expect((await cli.run('prioritize', '1', 'low')).out).toBe('Task 1 has the priority LOW.\n');
    expectRefusal(await cli.run('prioritise', '1', 'soon'), 2, 'USAGE');
    expect((await cli.run('prioritise', '1', '--json')).out).toContain('"isPrioritised": true');
  });
});

describe('what goes wrong in a command of wipctl', () => {
  it.each<[string, string[], number, string]>([
    ['a task that is not there', ['show', '99'], 3, 'TASK_UNKNOWN'],
    ['a task number that is none', ['show', 'latest'], 2, 'USAGE'],
    ['a wrong token', ['tasks', '--token', 'stranger'], 4, 'UNAUTHORIZED'],
    ['an address that is none', ['tasks', '--server', 'localhost'], 2, 'USAGE'],
  ])('is said in two sentences with the code: %s', async (_what, argv, exitCode, code) => {
    expectRefusal(await cli.run(...argv), exitCode, code);
  });

  it('is a control plane that does not answer', async () => {
    await cli.close();
    const result = await cli.run('tasks');
    expectRefusal(result, 69, 'CONTROL_PLANE_UNREACHABLE');
    expect(result.err).toContain('ECONNREFUSED');
  });

  it.each([
    [
      'an unknown command, with a suggestion',
      ['taks'],
      'There is no command "taks". Perhaps tasks is meant. See "wipctl --help".',
    ],
    ['an unknown subcommand', ['clusters', 'lisst'], '"lisst". Perhaps list is meant. See "wipctl clusters --help".'],
    ['a missing argument', ['show'], 'The argument <task> is missing. See "wipctl show --help".'],
    ['too many arguments', ['show', '1', '2'], 'Too many arguments: 1 expected, 2 given (1, 2). See '],
    [
      'an unknown option with a value',
      ['run', '.', '--evn=T=x'],
      'There is no option "--evn". See "wipctl run --help".',
    ],
    ['an unknown letter with a value', ['run', '.', '-xT=x'], 'There is no option "-x". See "wipctl run --help".'],
    ['an unknown option', ['tasks', '--colour'], 'There is no option "--colour". See "wipctl tasks --help".'],
    ['an option that is nearly one', ['tasks', '--grup', 'x'], '"--grup". Perhaps --group is meant. See '],
    ['an option without its value', ['run', '.', '--branch'], 'The option --branch needs a value. See '],
    [
      'an option that is missing',
      ['tokens', 'create', 'ann'],
      'The option --role is missing. See "wipctl tokens create --help".',
    ],
    [
      'a wrong value',
      ['tokens', 'create', 'ann', '--role', 'boss'],
      '"boss" is not a value of --role. Use one of viewer, submitter, ',
    ],
    [
      'a wrong number',
      ['tasks', '--limit', 'many'],
      '"many" is not a value of --limit. Give a whole number from 1 to 999999999. See ',
    ],
    ['a wrong argument', ['completion', 'tcsh'], '"tcsh" is not a value of <shell>. Use one of bash, zsh, fish. See '],
    [
      'options that exclude each other',
      ['pause', '--all', '--soft', '--hard'],
      '--soft and --hard exclude each other. See ',
    ],
  ])('is wrong usage: %s', async (_what, argv, text) => {
    const result = await cli.run(...argv);
    expect([result.exitCode, result.out]).toEqual([2, '']);
    expect(result.err).toContain(text);
    expect(result.err).toContain('[USAGE]');
  });
});

const TASK_COMMANDS = 'run tasks show logs transcript terminate pause resume restart prioritise'.split(' ');

describe('wipctl --help', () => {
  it('loads no command, and every command has an example', async () => {
    const { exitCode, out } = await cli.run('--help');
    expect(exitCode).toBe(0);
    expect(out).toContain('Start here:');
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    for (const name of TASK_COMMANDS) {
      expect(out).toMatch(new RegExp(`^ {2}${name} `, 'm'));
      expect((await cli.run(name, '--help')).out, name).toMatch(new RegExp(`Examples:\n {2}\\$ wipctl ${name}`));
    }
  });
});
