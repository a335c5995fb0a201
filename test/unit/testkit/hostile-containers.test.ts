import { describe, expect, it } from 'vitest';
import '../../testkit/vitest.ts';
import type { ContainerScript, TaskScript } from '../../testkit/script.ts';
import { simulateTask } from '../../testkit/simulate-task.ts';
import type { SimulatedRun } from '../../testkit/simulated-run.ts';
import { BUILD_STEPS, CONTAINER_WIP } from '../../../controlplane/tasks/kinds.ts';
import { RESTORE_CHECK } from './restore-check.ts';

const options = { dump: 'monday' };
const run = (script: Omit<TaskScript, 'options'> = {}): Promise<SimulatedRun> =>
  simulateTask(RESTORE_CHECK, { options, ...script });
const inContainer = (container: ContainerScript, more: Omit<TaskScript, 'options'> = {}): Promise<SimulatedRun> =>
  run({ container, ...more });

describe('a container that is slow or strange at its start', () => {
  it.each([
    ['late', { readyAfter: '10 m' }],
    ['ready twice', { readyTimes: 2 }],
    ['not yet known to ECS', { missingFor: '30 s' }],
    ['shown late by ECS', { ecsLag: '20 s' }],
    ['refusing its first connections', { sshRefusals: 5 }],
    ['with a clock that is an hour ahead', { clockSkew: 3_600 }],
    ['whose launch is throttled', { launch: 'throttled', launchTries: 2 }],
    ['whose launch was not answered', { launch: 'answer-lost' }],
    ['while ECS is away for a while', { ecsOutages: [{ from: 2, lasts: '30 s' }] }],
    ['while ECS is away for an hour', { ecsOutages: [{ from: 1, lasts: '1 h' }] }],
    ['without a network for a minute', { networkOutages: [{ from: 1, lasts: '1 m' }] }],
    ['whose SSH server is away for a while', { sshOutages: [{ from: 0, lasts: '40 s', failure: 'refused' }] }],
  ] satisfies [string, ContainerScript][])('%s: the task completes, with one container', async (_what, container) => {
    const ended = await inContainer(container);
    expect(ended).toEndWith('COMPLETED');
    expect(ended).toBeReleased();
    expect(ended.effects.map(({ times }) => times)).toEqual([1, 1, 1]);
  });

  it.each([
    ['is never ready', { readyAfter: 'never' }, 'was not ready 900 s after its launch'],
    ['never enrols', { enrols: 'never', readyAfter: 'never' }, ''],
    ['cannot be launched', { launch: 'refused' }, 'The request is invalid'],
    ['shows another host key', { wrongHostKey: true }, ''],
  ] satisfies [string, ContainerScript, string][])('%s: the task fails', async (_what, container, message) => {
    const ended = await inContainer(container);
    expect(ended).toEndWith('ERROR_SYSTEM', message);
    expect(ended).toBeReleased();
    expect(ended.processes).toEqual([]);
  });

  it('a full cluster is waited for, and does not count as an attempt that failed', async () => {
    const ended = await run({ containers: [{ launch: 'no-resources' }, { launch: 'no-resources' }, {}] });
    expect(ended).toEndWith('COMPLETED');
    // Two pauses: of 2.5 to 5 s, and of 5 to 10 s.
    expect(ended.elapsed).toBeGreaterThan(7.5);
    expect(ended.elapsed).toBeLessThan(60);
    expect(ended.attempts.map(({ launch }) => launch?.kind)).toEqual(['no_resources', 'no_resources', 'launched']);
  });

  it('a token that was used twice ends the attempt before it gets a secret', async () => {
    const ended = await simulateTask(CONTAINER_WIP, { container: { enrols: 'twice' } });
    expect(ended.container?.stops[0]).toBe('wip: its enrolment token was used twice');
    expect(ended).not.toEndWith('COMPLETED');
  });
});

describe('a container that dies', () => {
  it.each(['crash', 'out-of-memory', 'host-lost', 'operator', 'limit-disk', 'limit-time', 'internal'] as const)(
    'of %s in the middle of its work: it is replaced as the table says, twice',
    async (cause) => {
      const working = await run({
        containers: [{ end: { after: '45 s', cause } }, { end: { after: '45 s', cause } }, {}],
        processes: { restore: { runsFor: '1 m' } },
      });
      expect(working.attempts.map(({ endedBy }) => endedBy)).toEqual([cause, cause, 'released']);
      expect(working).toEndWith('COMPLETED');
      expect(working.effects.every(({ times }) => times <= 1)).toBe(true);
    },
  );

  it.each([
    ['before-method', []],
    ['after-method', ['restore']],
  ] as const)('at a state dies %s', async (when, started) => {
    const end = { at: 'restore', when, cause: 'crash' } as const;
    const ended = await run({ containers: [{ end }, {}], processes: { restore: { runsFor: '1 m' } } });
    expect(ended.attempts[0]?.processes.map(({ name }) => name)).toEqual(started);
    expect(ended).toEndWith('COMPLETED');
  });

  it('of a limit tells the sentence of the agent', async () => {
    const ended = await simulateTask(BUILD_STEPS, {
      options: { vcsPath: 'main', vcsUri: 'https://example.org/app.git' },
      container: { end: { after: '45 s', cause: 'limit-time' } },
      processes: { ensureBuildUser: { runsFor: 'forever', stdout: 'half a line' } },
    });
    expect(ended).toEndWith('ERROR_USER', 'The time limit was exceeded: the container ran for 45 s');
    expect(ended.logs.map(({ message }) => message).join()).toContain('half a line');
  });

  it('past the time that the task gave it', async () => {
    const ended = await simulateTask(RESTORE_CHECK, {
      options: { ...options, containerMaxTime: 60 },
      processes: { restore: { runsFor: 'forever' } },
    });
    expect(ended.attempts.map(({ endedBy }) => endedBy)).toEqual(['limit-time', 'limit-time', 'limit-time']);
  });

  it('ignoring the request to stop is stopped through ECS', async () => {
    const ended = await inContainer({ shutdown: 'ignores' });
    expect(ended).toEndWith('COMPLETED');
  });
});

describe('signals', () => {
  it.each([
    ['the ready signal is lost', [{ signal: 'ready', lost: true }], 'ERROR_SYSTEM'],
    ['the ready signal is late', [{ signal: 'ready', late: '3 m' }], 'COMPLETED'],
    [
      'every signal is doubled',
      ['ready', 'exit', 'processComplete'].map((signal) => ({ signal, doubled: true })),
      'COMPLETED',
    ],
    [
      'the end of the process is not told',
      [{ signal: 'processComplete', process: 'restore', lost: true }],
      'COMPLETED',
    ],
    ['the end of the process comes after a minute', [{ signal: 'processComplete', late: '1 m' }], 'COMPLETED'],
    ['the exit signal is lost', [{ signal: 'exit', lost: true }], 'COMPLETED'],
  ] as [string, NonNullable<TaskScript['signals']>, string][])('%s', async (_what, signals, status) => {
    const ended = await run({ signals });
    expect(ended.exit.status, ended.explain()).toBe(status);
    expect(ended).toBeReleased();
  });
});

describe('calls to the agent that fail', () => {
  it.each([
    [
      'the start of a process breaks off after the agent has started it',
      { call: 'startProcess', fails: 'answer-lost' },
    ],
    ['the start of a process is not answered', { call: 'startProcess', fails: 'timeout' }],
    ['the agent is not found twice', { at: 'containerWipCheckSsh', fails: 'refused', times: 2 }],
    ['the request to stop breaks off', { call: 'shutdown', fails: 'answer-lost' }],
  ] as [string, NonNullable<TaskScript['interactions']>[number]][])('%s', async (_what, rule) => {
    const ended = await run({ interactions: [rule] });
    expect(ended).toEndWith('COMPLETED');
    expect(ended.effects.map(({ times }) => times)).toEqual([1, 1, 1]);
    expect(ended).toBeReleased();
  });

  it('a call that is not answered takes ten seconds', async () => {
    const [plain, slow] = [await run(), await run({ interactions: [{ call: 'health', fails: 'timeout', times: 3 }] })];
    expect(slow.elapsed - plain.elapsed).toBeGreaterThanOrEqual(30);
  });

  it('a refusal that lasts is the answer of the process from then on', async () => {
    const ended = await run({ interactions: [{ call: 'startProcess', fails: 'PROCESS_CONFLICT' }] });
    expect(ended.processes).toEqual([]);
    expect(ended.effects.find(({ name }) => name === 'restore')?.times).toBe(0);
  });
});

describe('receivers and children', () => {
  it('a receiver that is away is tried again until it answers', async () => {
    const ended = await run({ deliveries: { report: { answers: ['no-answer', 503, 200] } } });
    expect(ended.deliveries[0]).toMatchObject({ tries: 3, outcome: { kind: 'answered', status: 200 } });
    expect(ended).toEndWith('COMPLETED');
  });

  it('a receiver that refuses ends the tries', async () => {
    const ended = await run({ deliveries: { report: { answers: [404], body: 'no such report' } } });
    expect(ended.deliveries[0]).toMatchObject({ tries: 1, outcome: { kind: 'refused', status: 404 } });
  });
});
