import { beforeEach, describe, expect, it } from 'vitest';
import type { LaunchOutcome } from '../../../controlplane/containers/container.ts';
import { CONTAINER_OPTIONS, ContainerWip } from '../../../controlplane/tasks/container-wip.ts';
import { FakeContext } from '../../kit/wip-context.ts';

const FULL: LaunchOutcome = {
  kind: 'no_resources',
  cause: 'no-capacity',
  sentence: 'The cluster has no room for the container (RESOURCE:MEMORY)',
  remedy: 'Wait',
  evidence: ['RunTask failure: RESOURCE:MEMORY'],
};
const DENIED: LaunchOutcome = {
  kind: 'no_information',
  cause: 'access-denied',
  sentence: 'ECS does not allow ecs:RunTask with the credentials of the cluster',
  remedy: 'Give them the rights',
  fault: 'configuration',
};
const UNANSWERED: LaunchOutcome = {
  kind: 'no_information',
  cause: 'ecs-unavailable',
  sentence: 'ECS gave no usable answer',
  fault: 'system',
};
const ATTEMPT = { ready: null, output: null, exit: null, verified: false };

let context: FakeContext;
let wip: ContainerWip;

beforeEach(async () => {
  context = new FakeContext();
  wip = new ContainerWip({ uuid: 'u', options: CONTAINER_OPTIONS.schema.parse({}) });
  context.state = 'containerWipStart';
  await wip.containerWipStart(context);
  context.state = 'containerWipInvoke';
});

/** Launches, as attempt `number`, and returns what the transition method answers right after. */
async function launched(outcome: LaunchOutcome, number = 1): Promise<string> {
  context.scripted.outcome = outcome;
  context.attempt = { ...ATTEMPT, number };
  await wip.containerWipInvoke(context);
  return wip.containerWipWaitForLaunch(context);
}

const ask = (): Promise<string> => wip.containerWipWaitForLaunch(context);

describe('a launch into a full cluster', () => {
  it('is repeated after a pause that grows, and not at once', async () => {
    const pauses: number[] = [];
    for (let tries = 1; tries <= 9; tries += 1) {
      expect(await launched(FULL, tries)).toBe('no_resources');
      const pause = context.waitDetail?.recheckSeconds ?? NaN;
      pauses.push(pause);
      context.passSeconds(pause);
      expect(await ask()).toBe('uninitialized');
    }
    expect(pauses[0]).toBeGreaterThanOrEqual(2.5);
    expect(pauses[0]).toBeLessThanOrEqual(5);
    expect(pauses.at(-1)).toBeGreaterThanOrEqual(150);
    expect(pauses.at(-1)).toBeLessThanOrEqual(300);
    const growing = pauses.slice(0, 7);
    expect(growing).toEqual(growing.toSorted((a, b) => a - b));
  });

  it('is repeated at once when something ends the wait early', async () => {
    expect(await launched(FULL)).toBe('no_resources');
    context.passSeconds(1);
    expect(await ask()).toBe('uninitialized');
    expect(context.cleared).toEqual(['containerWipInvoke uninitialized']);
  });

  it('says what is lacking, since when, until when, and that room would end the wait', async () => {
    const since = context.now.toISOString();
    await launched(FULL);
    context.passSeconds(100);
    await launched(FULL, 2);
    expect(context.waiting).toBe('the cluster has no room for the container (RESOURCE:MEMORY)');
    expect(context.waitDetail).toMatchObject({
      code: 'no-capacity',
      since,
      until: new Date(Date.parse(since) + 3_600_000).toISOString(),
      remedy: 'Wait',
      evidence: ['RunTask failure: RESOURCE:MEMORY'],
      isForRoom: true,
    });
  });

  it('tells the user once, and ends after an hour', async () => {
    await launched(FULL);
    await launched(FULL, 2);
    expect(context.logs.filter(({ userReadable }) => userReadable)).toHaveLength(1);
    context.passSeconds(3_601);
    await expect(ask()).rejects.toThrow('has no room');
    expect(context.exited).toMatchObject({ status: 'ERROR_SYSTEM', cause: 'no-capacity', detail: 'Wait' });
  });

  it('does not count among the three containers that a task may use up', async () => {
    for (let number = 1; number <= 5; number += 1) await launched(FULL, number);
    const hostLost = { verdict: 'terminated', sentence: 'Lost.', cause: 'host-lost', retry: 'launch-again' } as const;
    context.view = hostLost;
    expect(await launched({ kind: 'launched', arn: 'a' }, 6)).toBe('fail');
    expect(await launched({ kind: 'launched', arn: 'b' }, 7)).toBe('fail');
    expect(await launched({ kind: 'launched', arn: 'c' }, 8)).toBe('terminated');
  });

  it('counts anew when the task is restarted', async () => {
    context.view = { verdict: 'terminated', sentence: 'Lost.', cause: 'host-lost', retry: 'launch-again' };
    await launched({ kind: 'launched', arn: 'a' }, 3);
    await wip.containerWipStart(context);
    expect(await launched({ kind: 'launched', arn: 'b' }, 4)).toBe('fail');
  });
});

describe('a launch that the configuration of the cluster forbids', () => {
  it('is waited for as long as the task may run, however long that is', async () => {
    expect(await launched(DENIED)).toBe('no_information');
    expect(context.waiting).toBe('ECS does not allow ecs:RunTask with the credentials of the cluster');
    expect(context.waitDetail).toMatchObject({ code: 'access-denied', remedy: 'Give them the rights' });
    expect(context.waitDetail).not.toHaveProperty('until');
    context.passSeconds(20 * 3_600);
    expect(await ask()).toBe('uninitialized');
    expect(context.exited).toBeNull();
  });

  it('is repeated at once when the cluster can be used again', async () => {
    await launched(DENIED);
    context.passSeconds(1);
    expect(await ask()).toBe('uninitialized');
  });
});

describe('a launch without an answer', () => {
  it('is repeated within 30 s and not before, and says for how long', async () => {
    const since = context.now.toISOString();
    expect(await launched(UNANSWERED)).toBe('no_information');
    context.passSeconds(5);
    expect(await ask()).toBe('no_information');
    expect(context.waitDetail).toMatchObject({
      code: 'ecs-unavailable',
      since,
      until: new Date(Date.parse(since) + 900_000).toISOString(),
    });
    context.passSeconds(context.waitDetail?.recheckSeconds ?? NaN);
    expect(await ask()).toBe('uninitialized');
  });
});

describe('a launch that ECS refuses for good', () => {
  it('is not launched again', async () => {
    const refused: LaunchOutcome = {
      kind: 'refused',
      cause: 'request-refused',
      sentence: 'ECS refused the request',
      remedy: 'Correct it',
      retry: 'never',
    };
    await expect(launched(refused)).rejects.toThrow('ECS refused the request');
    expect(context.exited).toMatchObject({ status: 'ERROR_SYSTEM', cause: 'request-refused', detail: 'Correct it' });
  });
});

describe('a launch that leads to a container', () => {
  it('is looked at a second after it, and then left to the signals of its agent', async () => {
    context.view = { ...context.view, verdict: 'starting' };
    context.scripted.outcome = { kind: 'launched', arn: 'a' };
    context.attempt = { ...ATTEMPT, number: 1 };
    await wip.containerWipInvoke(context);
    expect(context.waitDetail).toMatchObject({ code: 'container-launching', recheckSeconds: 1 });
    expect(await ask()).toBe('wait');
    expect(context.waitDetail).not.toHaveProperty('recheckSeconds');
  });
});
