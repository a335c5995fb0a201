import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandLine, type CommandResult } from '../../kit/programs/command-line.ts';

let cli: CommandLine;
beforeEach(async () => {
  cli = new CommandLine();
  await cli.listen();
});
afterEach(() => cli.close());

function addGroup(name: string): void {
  cli.services.groups.set(name, {
    name,
    running: 0,
    maxRunning: 3,
    queued: 0,
    pause: null,
    retentionDays: 3,
    clusters: [],
  });
}

function expectRefusal(result: CommandResult, exitCode: number, code: string): void {
  expect([result.exitCode, result.out]).toEqual([exitCode, '']);
  expect(result.err).toMatch(new RegExp(`^wipctl: .+\\. .+\\. \\[${code}\\]\\n$`));
}

async function json(...argv: string[]): Promise<unknown> {
  return JSON.parse((await cli.run(...argv, '--json')).out);
}

describe('wipctl pause and resume', () => {
  it('pause groups, soft unless told otherwise, and say how to undo it', async () => {
    addGroup('Basic');
    addGroup('Other');
    const soft = await cli.run('pause', '-g', 'Basic', 'Other');
    expect(soft.out).toContain('Paused: the groups Basic and Other (soft).');
    expect(soft.out).toContain('"wipctl resume -g Basic Other"');
    expect(await json('pause', '-g', 'Basic', '--hard')).toEqual({
      global: null,
      groups: { Basic: 'hard', Other: 'soft' },
    });
    expect((await cli.run('resume', '-g', 'Basic')).out).toBe('Resumed: the group Basic.\n');
    expect(cli.services.pauses.groups).toEqual({ Other: 'soft' });
  });

  it.each(['a,b', ' a', 'a ', ',', 'a b', 'é & c=d'])('pause a group with the name %j, and no other', async (name) => {
    for (const each of [name, 'a', 'b']) addGroup(each);
    const paused = await cli.run('pause', '-g', name);
    expect(paused).toMatchObject({ exitCode: 0, err: '' });
    expect(cli.services.pauses.groups).toEqual({ [name]: 'soft' });
    expect(await json('resume', '-g', name)).toEqual({ global: null, groups: {} });
  });

  it('say how a name with blanks is resumed, and that there is no group with a name that was not split', async () => {
    addGroup('a b');
    expect((await cli.run('pause', '-g', 'a b')).out).toContain(`"wipctl resume -g 'a b'"`);
    expectRefusal(await cli.run('pause', '-g', 'a b,c'), 3, 'GROUP_UNKNOWN');
  });

  it('pause everything only when told to', async () => {
    expectRefusal(await cli.run('pause'), 2, 'USAGE');
    expectRefusal(await cli.run('resume'), 2, 'USAGE');
    expect(cli.services.pauses.global).toBeNull();
    expect((await cli.run('pause', '--all', '--hard')).out).toContain('Paused: all groups (hard).');
    expect(cli.services.pauses.global).toBe('hard');
    expect(await json('resume', '--all')).toEqual({ global: null, groups: {} });
  });

  it('say what stays paused', async () => {
    addGroup('Basic');
    await cli.run('pause', '--all');
    await cli.run('pause', '-g', 'Basic');
    expect((await cli.run('resume', '--all')).err).toBe('Still paused by itself: the group Basic.\n');
    await cli.run('pause', '--all');
    expect((await cli.run('resume', '-g', 'Basic')).err).toContain('All groups are still paused');
  });

  it('say what a soft pause does not let go on', async () => {
    addGroup('Basic');
    addGroup(' sp ');
    await cli.run('pause', '-g', 'Basic', '--hard');
    expect((await cli.run('pause', '--all')).out).toContain(
      'started tasks go on, but for the group Basic, under a hard pause.',
    );
    await cli.run('pause', '--all', '--hard');
    const { out } = await cli.run('pause', '-g', ' sp ');
    expect(out).toContain('and started tasks do not go on either, because all tasks are under a hard pause.');
    expect(out).toContain(`Undo it with "wipctl resume -g ' sp '".`);
  });

  it('say that a task which is being terminated ends all the same', async () => {
    await cli.services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ann' });
    cli.services.change(1, { isTerminating: true });
    expect((await cli.run('pause', '1')).out).toBe('Task 1 is being terminated, and ends in spite of the pause.\n');
  });

  it('take several tasks, as arguments or with -t', async () => {
    for (let id = 1; id <= 3; id += 1) {
      await cli.services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ann' });
    }
    expect((await cli.run('pause', '1', '-t', '2', '1')).out.match(/Task \d is paused/g)).toEqual([
      'Task 1 is paused',
      'Task 2 is paused',
    ]);
    expect(await json('resume', '1', '2')).toMatchObject({ tasks: [{ id: 1, isPaused: false }, { id: 2 }] });
  });

  it.each([
    ['a mixture', ['pause', '1', '-g', 'Basic']],
    ['everything and one task', ['resume', '1', '--all']],
    ['a task that is paused hard', ['pause', '1', '--hard']],
    ['hard and soft', ['pause', '--all', '--hard', '--soft']],
    ['an empty name', ['pause', '-g', '']],
  ])('refuse %s', async (_what, argv) => {
    expectRefusal(await cli.run(...argv), 2, 'USAGE');
    expect(cli.services.pauses).toEqual({ global: null, groups: {} });
  });

  it('refuse a group that is not there before anything is paused', async () => {
    addGroup('Basic');
    expectRefusal(await cli.run('pause', '-g', 'Basic', 'Basik'), 3, 'GROUP_UNKNOWN');
    expect(cli.services.pauses.groups).toEqual({});
  });
});

describe('a task that something else holds back', () => {
  const clause = 'all tasks are paused, also those that have started';
  const known = { since: null, last: null, count: null, until: null, remedy: null, evidence: [] };
  const HELD = { waitsBecause: clause, waiting: { code: 'all-paused', sentence: `${clause}.`, ...known } };

  beforeEach(async () => {
    await cli.services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ann' });
    cli.services.change(1, { status: 'WAITING', state: 'build', ...HELD });
  });

  it('does not go on because "wipctl resume" was called: the other gate is named', async () => {
    expect((await cli.run('resume', '1')).out).toBe(
      `Task 1 is resumed. It waits in the state build because ${clause}.\n`,
    );
  });

  it('is not said to be ended by "wipctl terminate" while a hard pause holds it', async () => {
    const { out } = await cli.run('terminate', '1');
    expect(out).toBe(
      `Task 1 is not ended yet. It was asked to terminate and waits in the state build because ${clause}; it ends when nothing holds it back any more.\n`,
    );
  });

  it('that has ended cannot be resumed', async () => {
    cli.services.change(1, { status: 'COMPLETE', exitStatus: 'COMPLETED', waiting: null, waitsBecause: null });
    expectRefusal(await cli.run('resume', '1'), 4, 'TASK_FINISHED');
  });
});
