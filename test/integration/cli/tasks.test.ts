import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TaskPage } from '../../../controlplane/api/tasks/task-views.ts';
import { CommandLine } from '../../kit/programs/command-line.ts';

let cli: CommandLine;
beforeEach(async () => {
  cli = new CommandLine();
  await cli.listen();
});
afterEach(() => cli.close());

async function add(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await cli.services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ann' });
  }
}

async function idsOf(...argv: string[]): Promise<number[]> {
  const { out, err } = await cli.run('tasks', ...argv, '--json');
  expect(err).toBe('');
  return TaskPage.parse(JSON.parse(out)).tasks.map(({ id }) => id);
}

describe('wipctl tasks', () => {
  it('reads page after page, as many as were asked for', async () => {
    await add(430);
    expect(await idsOf('--limit', '410')).toEqual(Array.from({ length: 410 }, (_, index) => 430 - index));
    expect(await idsOf('--all')).toHaveLength(430);
    const some = await cli.run('tasks');
    expect(some.out.trimEnd().split('\n')).toHaveLength(21);
    expect(some.err).toBe('These are the newest 20: see more with --limit, or all with --all.\n');
    expect((await cli.run('tasks', '--all')).err).toBe('');
  });

  it('takes every filter of the API', async () => {
    await add(3);
    const source = { repository: '/srv/app', branch: 'main', ref: null, commit: '1d4c540aa' };
    cli.services.change(1, { source, exitStatus: 'ERROR_USER', cause: 'build', status: 'COMPLETE' });
    cli.services.change(2, { isPaused: true, priority: 'HIGH', title: 'Nightly import' });
    cli.cwd = '/srv/app/deep';
    const found = async (...argv: string[]) => [argv.join(' '), await idsOf(...argv)];
    const cases: [string, number[]][] = [
      ['--repository /srv/app', [1]],
      ['--repository ..', [1]],
      ['--branch main', [1]],
      ['--commit 1d4c', [1]],
      ['--commit 1D4C540AA', [1]],
      ['--exit error_user,warning', [1]],
      ['--cause build', [1]],
      ['--status complete', [1]],
      ['--submitter ann', [3, 2, 1]],
      ['--submitter bob', []],
      ['--text nightly', [2]],
      ['--paused', [2]],
      ['--priority high', [2]],
      ['--since 1h', [3, 2, 1]],
      ['--until 1h', []],
      ['--since 2020-01-01 --until 2020-01-02', []],
    ];
    for (const [argv, ids] of cases) expect(await found(...argv.split(' '))).toEqual([argv, ids]);
  });

  it.each([60, 80, 120])('fits a terminal of %i columns, with the reason on lines of its own', async (columns) => {
    await add(2);
    const source = { repository: 'https://example.org/team/app.git', branch: 'main', ref: null, commit: '1d4c540aa' };
    cli.services.change(1, {
      source,
      title: 'Build of main, the long title of a build that somebody has named',
      status: 'COMPLETE',
      exitStatus: 'ERROR_USER',
      exitMessage:
        'Step 2 of 4, "test", failed at line 7 of acquia-pipelines.yaml: the command ended with exit code 3.',
    });
    cli.terminal = { columns };
    cli.environment = { ...cli.environment, NO_COLOR: '1' };
    const lines = (await cli.run('tasks')).out.split('\n');
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
    expect(lines.filter((line) => /^\S/.test(line)).map((line) => line.split(' ')[0])).toEqual(['TASK', '2', '1']);
    expect(lines.join(' ').replace(/\s+/g, ' ')).toContain('failed at line 7 of acquia-pipelines.yaml');
    expect(lines.join('\n').includes('app main@1d4c540')).toBe(columns >= 80);
  });

  it.each([
    [['--limit', '0'], 2],
    [['--since', 'yesterday'], 2],
    [['--fault', 'nobody'], 2],
    [['--branch', ''], 2],
  ])('refuses %j', async (argv, exitCode) => {
    expect(await cli.run('tasks', ...argv)).toMatchObject({ exitCode, out: '' });
  });
});

it('says which word was perhaps meant', async () => {
  expect((await cli.run('tasks', '--status', 'waiting,proccessing')).err).toBe(
    'wipctl: "waiting,proccessing" is not a value of --status. There is no "proccessing". Perhaps PROCESSING is meant. Use ' +
      'one of NOT_READY, NOT_STARTED, WAITING, PROCESSING, COMPLETE, RESTARTED. See "wipctl tasks --help". [USAGE]\n',
  );
});
