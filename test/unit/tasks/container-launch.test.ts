import { describe, expect, it } from 'vitest';
import '../../testkit/vitest.ts';
import type { ContainerScript } from '../../testkit/script.ts';
import { simulateTask } from '../../testkit/simulate-task.ts';
import type { RunWait, SimulatedRun } from '../../testkit/simulated-run.ts';
import { answersOf, containerWork } from './container-work-kind.ts';

const WORK = containerWork();
const INVOKE = 'containerWipInvoke';
const full: ContainerScript = { launch: 'no-resources' };
const hostLost: ContainerScript = { end: { after: 2, cause: 'host-lost' } };

/** Returns the waits of a run for this reason, without those that only look at a launch. */
function waitsFor({ waits }: SimulatedRun, code: string): RunWait[] {
  return waits.filter(({ reason, seconds }) => reason?.code === code && seconds > 1);
}

describe('a launch into a full cluster', () => {
  it('is repeated after a pause that grows to five minutes, and not at once', async () => {
    const run = await simulateTask(WORK, { containers: [...Array<ContainerScript>(9).fill(full), {}] });
    expect(run).toEndWith('COMPLETED');
    const pauses = waitsFor(run, 'no-capacity').map(({ seconds }) => seconds);
    expect(pauses).toHaveLength(9);
    const ceilings = [5, 10, 20, 40, 80, 160, 300, 300, 300];
    for (const [index, ceiling] of ceilings.entries()) {
      // A tenth of a second for the rounding of instants.
      expect(pauses[index]).toBeGreaterThan(ceiling / 2 - 0.1);
      expect(pauses[index]).toBeLessThan(ceiling + 0.1);
    }
  });

  it('says what is lacking, since when, how often, until when, and that room would end the wait', async () => {
    const run = await simulateTask(WORK, { containers: [full, full, {}] });
    const [first, second] = waitsFor(run, 'no-capacity');
    expect(second?.because).toBe('the cluster has no room for the container (RESOURCE:MEMORY)');
    const since = first?.reason?.since ?? '';
    expect(second?.reason).toMatchObject({
      since,
      until: new Date(Date.parse(since) + 3_600_000).toISOString(),
      remedy: expect.stringContaining('add capacity to the cluster'),
      evidence: ['RunTask failure: RESOURCE:MEMORY'],
      isForRoom: true,
    });
    expect(second?.reason?.count).toBeGreaterThan(first?.reason?.count ?? 0);
  });

  it('is told to the user once, and ends after an hour', async () => {
    const run = await simulateTask(WORK, { container: full });
    expect(run).toEndWith('ERROR_SYSTEM', 'has no room for the container');
    expect(run.exit).toMatchObject({ cause: 'no-capacity', detail: expect.stringContaining('add capacity') });
    expect(run.elapsed).toBeGreaterThan(3_600);
    expect(run.elapsed).toBeLessThan(4_000);
    expect(run.logs.filter(({ userReadable, message }) => userReadable && /no room/.test(message))).toHaveLength(1);
  });

  it('does not count among the three containers that a task may use up', async () => {
    const run = await simulateTask(WORK, { containers: [full, full, full, full, hostLost, hostLost, hostLost] });
    expect(run.attempts.filter(({ launch }) => launch?.kind === 'launched')).toHaveLength(3);
    expect(answersOf(run, INVOKE).filter((value) => value === 'fail')).toHaveLength(2);
  });
});

describe('a launch that the configuration of the cluster forbids', () => {
  it('is waited for as long as the task may run, however long that is, and never fails the build', async () => {
    // A client token is good for an hour, so each attempt is given up for a new one after that.
    const denied: ContainerScript = { launch: 'denied', launchTries: 1_000 };
    const run = await simulateTask(WORK, { containers: [...Array<ContainerScript>(6).fill(denied), {}] });
    expect(run).toEndWith('COMPLETED');
    expect(run.elapsed).toBeGreaterThan(6 * 55 * 60);
    expect(waitsFor(run, 'access-denied').at(-1)).toMatchObject({
      because: expect.stringContaining('ECS does not allow ecs:RunTask with the credentials of the cluster'),
      reason: { until: null, remedy: expect.stringContaining('rights'), isForRoom: true },
    });
  });
});

describe('operators', () => {
  it('are told once of a cluster that has been denied for a minute', async () => {
    const run = await simulateTask(WORK, { container: { launch: 'denied', launchTries: 30 } });
    const alerts = run.logs.filter(({ level }) => level === 'ALERT');
    expect(alerts).toHaveLength(1);
    expect(alerts[0]?.message).toMatch(/^No container can be launched since .*: ECS does not allow ecs:RunTask/);
  });

  it('are not told of one that was denied for a moment', async () => {
    const run = await simulateTask(WORK, { container: { launch: 'denied', launchTries: 2 } });
    expect(run.logs.filter(({ level }) => level === 'ALERT')).toEqual([]);
  });
});

describe('a launch without an answer', () => {
  it('is repeated within 30 s, and says until when', async () => {
    const run = await simulateTask(WORK, { container: { launch: 'unavailable', launchTries: 3 } });
    expect(run).toEndWith('COMPLETED');
    const waits = waitsFor(run, 'ecs-unavailable');
    expect(waits).toHaveLength(3);
    for (const { seconds } of waits) expect(seconds).toBeLessThanOrEqual(30);
    const since = waits[0]?.reason?.since ?? '';
    expect(waits[2]?.reason).toMatchObject({ since, until: new Date(Date.parse(since) + 900_000).toISOString() });
  });
});

describe('an ECS that does not answer at a launch', () => {
  it.each([
    ['unavailable', 'ecs-unavailable', true],
    ['throttled', 'throttled', false],
  ] as const)('is what doctor, /readyz and the gauges tell operators of (%s)', async (launch, code, isTold) => {
    const run = await simulateTask(WORK, { container: { launch, launchTries: 3 } });
    const waits = waitsFor(run, code);
    expect(waits.length).toBeGreaterThan(0);
    for (const { reason } of waits) expect(reason?.isForRoom).toBe(isTold);
  });
});

describe('a launch that ECS refuses for good', () => {
  it('is not launched again', async () => {
    const run = await simulateTask(WORK, { container: { launch: 'refused' } });
    expect(run).toEndWith('ERROR_SYSTEM', 'ECS refused the request');
    expect(run.exit).toMatchObject({ cause: 'request-refused', detail: expect.stringContaining('config.ecs.yml') });
    expect(run.attempts).toHaveLength(1);
  });
});

describe('a launch that leads to a container', () => {
  it('after others is looked at a second later, and then left to the signals of its agent', async () => {
    const run = await simulateTask(WORK, { containers: [full, { readyAfter: '50 s' }] });
    const [, launchedLook, start] = run.waits.filter(({ state }) => state === INVOKE);
    expect(launchedLook).toMatchObject({ seconds: 1, reason: { code: 'container-launching' } });
    expect(start).toMatchObject({ seconds: 10, reason: { code: 'container-provisioning' } });
  });
});
