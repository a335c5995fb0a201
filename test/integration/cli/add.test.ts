import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandLine } from '../../kit/programs/command-line.ts';

const SOURCE = { sourceVcsUri: 'https://example.org/app.git' };

let cli: CommandLine;
beforeEach(async () => {
  cli = new CommandLine();
  cli.cwd = mkdtempSync(join(tmpdir(), 'wip-add-'));
  await cli.listen();
});
afterEach(async () => {
  await cli.close();
  rmSync(cli.cwd, { recursive: true });
});

describe('wipctl add', () => {
  it('adds a task of the named kind, with what is said about it', async () => {
    const result = await cli.run(
      ...['add', 'ContainerWip', '--option', 'containerMaxTime=60', '--option', 'waitForStop=false'],
      ...['--title', 'a trial', '--group', 'trials', '--priority', 'high'],
    );
    expect(result).toEqual({
      exitCode: 0,
      err: '',
      out: 'Task 1 was added. Follow it with "wipctl logs 1 -f", see it with "wipctl show 1".\n',
    });
    expect(cli.services.tasks.get(1)?.facts).toMatchObject({
      kind: 'ContainerWip',
      title: 'a trial',
      group: 'trials',
      priority: 'HIGH',
      options: { containerMaxTime: 60, waitForStop: false },
    });
  });

  it('takes options from a file, from the line, and single ones over both', async () => {
    writeFileSync(join(cli.cwd, 'build.json'), JSON.stringify({ ...SOURCE, vcsPath: 'trunk' }));
    await cli.run('add', 'BuildSteps', '--options', '@build.json', '-o', 'vcsPath=main');
    await cli.run('add', 'BuildSteps', '--options', JSON.stringify({ ...SOURCE, vcsPath: 'trunk' }));
    const added = [...cli.services.tasks.values()].map(({ facts }) => facts.options);
    expect(added).toEqual([
      { ...SOURCE, vcsPath: 'main' },
      { ...SOURCE, vcsPath: 'trunk' },
    ]);
  });

  it('reads what is JSON as JSON, and all else as text, also with "=" and spaces in it', async () => {
    const pairs = ['vcsPath=a=b c', 'pipelineUser="7"', 'keepAlive=', 'applications=["x","y"]', 'pipelineVerify=false'];
    const { err } = await cli.run(
      ...['add', 'BuildSteps', '--options', JSON.stringify(SOURCE)],
      ...pairs.flatMap((pair) => ['--option', pair]),
    );
    expect(err).toBe('');
    expect(cli.services.tasks.get(1)?.facts.options).toEqual({
      ...SOURCE,
      vcsPath: 'a=b c',
      pipelineUser: '7',
      keepAlive: '',
      applications: ['x', 'y'],
      pipelineVerify: false,
    });
  });

  it('prints the task as JSON, and adds none twice for one client job id', async () => {
    const line = ['add', 'BasicWip', '--client-job-id', 'once', '--json'];
    const [first, second] = [await cli.run(...line), await cli.run(...line)];
    expect(JSON.parse(first.out)).toMatchObject({ id: 1, kind: 'BasicWip' });
    expect(JSON.parse(second.out)).toMatchObject({ id: 1 });
  });

  it('follows the task to its end with --watch, and exits with 1 when it failed', async () => {
    cli.services.onAdded = ({ facts }) =>
      cli.services.change(facts.id, { status: 'COMPLETE', exitStatus: 'ERROR_USER', exitMessage: 'No.' });
    const { exitCode, out } = await cli.run('add', 'BasicWip', '--watch');
    expect([exitCode, out]).toEqual([1, expect.stringContaining('Task 1 failed through an error in the build: No.')]);
  });

  it('says which kinds there are when there is none of that name', async () => {
    const { exitCode, err } = await cli.run('add', 'RestoreChek');
    expect([exitCode, err]).toEqual([
      4,
      'wipctl: There is no kind of task named "RestoreChek". Use one of BasicWip, ContainerWip, BuildSteps, Canary. [TASK_KIND_UNKNOWN]\n',
    ]);
  });

  it.each([
    [['--option', 'dump'], '"dump" is not an option with its value. Give NAME=VALUE, such as '],
    [['--option', '=x'], '"=x" is not an option with its value. '],
    [['--options', '[1]'], 'The value of --options could not be read as a JSON object: it holds something else. '],
    [['--options', '@gone.json'], /gone\.json could not be read as a JSON object: ENOENT/],
    [['--priority', 'urgent'], '"urgent" is not a value of --priority. Use one of CRITICAL, HIGH, MEDIUM, LOW. '],
  ])('refuses %j as wrong usage', async (given, said) => {
    const { exitCode, err } = await cli.run('add', 'BasicWip', ...given);
    expect(exitCode).toBe(2);
    expect(err).toMatch(said);
    expect(cli.services.tasks.size).toBe(0);
  });
});
