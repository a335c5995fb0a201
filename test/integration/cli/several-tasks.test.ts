import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandLine } from '../../kit/programs/command-line.ts';

let cli: CommandLine;
beforeEach(async () => {
  cli = new CommandLine();
  await cli.listen();
  for (let id = 1; id <= 3; id += 1) {
    await cli.services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ann' });
  }
});
afterEach(() => cli.close());

describe('a command that is given several tasks', () => {
  it.each([
    ['terminate', /^Task \d is being terminated/],
    ['pause', /^Task \d is paused/],
    ['resume', /^Task \d goes on/],
    ['prioritise', /^Task \d comes before all others/],
  ])('%s answers for each of them, and one that is not there stops no other', async (command, answer) => {
    const { out, err, exitCode } = await cli.run(command, '1', '99', '3', '1');
    const lines = out.trimEnd().split('\n');
    expect(lines.map((line) => answer.test(line) && /\d/.exec(line)?.[0])).toEqual(['1', '3']);
    expect(err).toMatch(/^wipctl: .*99.*\[TASK_UNKNOWN\]\n$/);
    expect(exitCode).toBe(3);
  });

  it('restart: the exit code is that of the worst', async () => {
    cli.services.change(1, { status: 'COMPLETE', exitStatus: 'COMPLETED' });
    const { out, err, exitCode } = await cli.run('restart', '2', '1', '99');
    expect(out).toMatch(/^Task 1 was restarted\..*\n$/);
    expect(err.match(/\[\w+\]/g)).toEqual(['[TASK_NOT_FINISHED]', '[TASK_UNKNOWN]']);
    expect(exitCode).toBe(4);
  });

  it('prioritise takes the priority as its last word', async () => {
    expect((await cli.run('prioritise', '1', '2', 'low')).out.match(/has the priority LOW/g)).toHaveLength(2);
    expect(await cli.run('prioritise', '1', 'soon', '2')).toMatchObject({ exitCode: 2, out: '' });
  });

  it('does nothing when one of them is not a number', async () => {
    expect(await cli.run('terminate', '1', '2x')).toMatchObject({ exitCode: 2, out: '' });
    expect(cli.services.tasks.get(1)?.facts.isTerminating).toBe(false);
  });

  it('stops at the first when no request can succeed', async () => {
    await cli.close();
    const { err, exitCode } = await cli.run('terminate', '1', '2');
    expect([exitCode, err.match(/CONTROL_PLANE_UNREACHABLE/g)?.length]).toEqual([69, 1]);
  });

  it('prints the tasks and the refusals as JSON', async () => {
    expect(JSON.parse((await cli.run('terminate', '1', '99', '--json')).out)).toMatchObject({
      tasks: [{ id: 1 }],
      refused: [{ id: 99, code: 'TASK_UNKNOWN', message: expect.stringContaining('99') as string }],
    });
    expect(JSON.parse((await cli.run('pause', '2', '--json')).out)).toMatchObject({ tasks: [{ id: 2 }], refused: [] });
  });
});
