import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandLine } from '../../kit/programs/command-line.ts';

const ARN = 'arn:aws:ecs:eu-west-1:111122223333:task/builds/0123456789abcdef0123456789abcdef';
const SPOT = {
  taskArn: ARN,
  lastStatus: 'STOPPED',
  desiredStatus: 'STOPPED',
  stopCode: 'SpotInterruption',
  stoppedReason: 'Your Spot Task was interrupted.',
  containers: [{ name: 'build', lastStatus: 'STOPPED', exitCode: 143 }],
};
const PULL = {
  stopCode: 'TaskFailedToStart',
  stoppedReason:
    'CannotPullContainerError: Error response from daemon: manifest for build:9 not found: manifest unknown',
  containers: [{ name: 'build' }],
};

// No server listens: the command must not need one.
let cli: CommandLine;
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'wip-explain-'));
  cli = new CommandLine();
  cli.cwd = directory;
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('wipctl ecs explain', () => {
  it('explains a task on standard input, as JSON for programs', async () => {
    cli.input = JSON.stringify(SPOT);
    const { exitCode, out, err } = await cli.run('ecs', 'explain', '--json');
    expect([exitCode, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toEqual({
      cause: 'spot-interruption',
      fault: 'spot',
      retry: 'launch-again',
      sentence: 'AWS took back the Spot capacity the container ran on',
      remedy: 'Run the build again, or use on-demand capacity for builds that must not be interrupted',
      evidence: ['ECS stop code: SpotInterruption', 'ECS reason: Your Spot Task was interrupted.', 'exit code: 143'],
    });
  });

  it.each<[string, unknown, string[]]>([
    ['an array of tasks', [SPOT, PULL], ['spot-interruption', 'image-not-found']],
    [
      'the whole answer of DescribeTasks',
      { tasks: [PULL, SPOT], failures: [] },
      ['image-not-found', 'spot-interruption'],
    ],
    [
      'an answer with failures',
      { tasks: [], failures: [{ arn: ARN, reason: 'MISSING' }, { reason: 'RESOURCE:CPU' }] },
      ['task-missing', 'no-capacity'],
    ],
    ['no task', { tasks: [] }, []],
  ])('explains %s of a file', async (_name, given, causes) => {
    writeFileSync(join(directory, 'tasks.json'), JSON.stringify(given));
    const { out } = await cli.run('ecs', 'explain', 'tasks.json', '--json');
    expect((JSON.parse(out) as { cause: string }[]).map(({ cause }) => cause)).toEqual(causes);
  });

  it('is readable without --json', async () => {
    cli.input = JSON.stringify([SPOT, { lastStatus: 'RUNNING' }]);
    const { out } = await cli.run('ecs', 'explain');
    expect(out).toBe(`${ARN}
  AWS took back the Spot capacity the container ran on.
  Run the build again, or use on-demand capacity for builds that must not be interrupted.
  Cause spot-interruption, fault spot, retry launch-again
  - ECS stop code: SpotInterruption
  - ECS reason: Your Spot Task was interrupted.
  - exit code: 143

task 2
  The task has not ended: ECS says RUNNING.
  Ask again when it has stopped.
  - ECS status: RUNNING
`);
  });

  it('prints no control character of a message to a terminal', async () => {
    cli.input = JSON.stringify({ stoppedReason: 'Strange \u001b]0;owned\u0007 thing' });
    expect((await cli.run('ecs', 'explain')).out).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  it.each([
    ['no JSON', '{"tasks": [', /^wipctl: The input \(standard input\) is no JSON: .+ \[USAGE\]\n$/],
    ['nothing', '', /^wipctl: The input \(standard input\) is empty\. .+ \[USAGE\]\n$/],
    ['a text', '"hello"', /is no task as ECS describes it: it: .+ \[USAGE\]\n$/],
    ['a number in a list', '[{}, 7]', /is no task as ECS describes it: .+ \[USAGE\]\n$/],
    [
      'a field of another type',
      '{"stoppedReason": 7}',
      /is no task as ECS describes it: stoppedReason: .+ \[USAGE\]\n$/,
    ],
  ])('refuses %s as wrong usage', async (_name, input, message) => {
    cli.input = input;
    const { exitCode, out, err } = await cli.run('ecs', 'explain', '--json');
    expect([exitCode, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });

  it('refuses a file that is not there', async () => {
    const { exitCode, err } = await cli.run('ecs', 'explain', 'missing.json');
    expect(exitCode).toBe(2);
    expect(err).toMatch(/^wipctl: missing\.json cannot be read: ENOENT.+ \[USAGE\]\n$/);
  });
});
