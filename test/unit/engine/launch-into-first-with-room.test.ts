import { describe, expect, it } from 'vitest';
import type { LaunchOutcome } from '../../../controlplane/containers/container.ts';
import { launchIntoFirstWithRoom } from '../../../controlplane/engine/container/launch-into-first-with-room.ts';
import type { ClusterCandidate } from '../../../controlplane/engine/engine-deps.ts';
import { OperationalError } from '../../../shared/model/error.ts';

const FULL: LaunchOutcome = { kind: 'no_resources', cause: 'no-memory', sentence: 'no memory is left' };
const LAUNCHED: LaunchOutcome = { kind: 'launched', arn: 'arn' };
const UNKNOWN: LaunchOutcome = { kind: 'no_information', cause: 'ecs-unavailable', sentence: 'ECS does not answer' };
const REFUSED: LaunchOutcome = { kind: 'refused', cause: 'invalid', sentence: 'no', remedy: 'correct it' };
const invalid = new OperationalError('CONFIG_INVALID', { happened: 'It does not fit', remedy: 'Correct it' });

/** Launches where each cluster has this outcome. Returns the launches made, in order, with the reason of each. */
async function launched(outcomes: Readonly<Record<string, LaunchOutcome | Error>>) {
  const launches: string[] = [];
  const unusable: string[] = [];
  const candidates = Object.keys(outcomes).map((name): ClusterCandidate => ({
    name,
    reason: 'first',
    open: () => Promise.reject(new Error('not asked')),
  }));
  const outcome = await launchIntoFirstWithRoom({
    candidates,
    launch: (nth, { name, reason }) => {
      launches.push(`${nth} ${name}: ${reason}`);
      const answer = outcomes[name]!;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    launchedInto: () => /^\d+ ([^:]+)/.exec(launches.at(-1) ?? '')?.[1] ?? null,
    onUnusable: ({ name }) => unusable.push(name),
  });
  return { outcome, launches, unusable };
}

describe('a launch with several clusters', () => {
  it('goes to the first one that has room, and says why it is not the first', async () => {
    expect(await launched({ a: LAUNCHED, b: LAUNCHED })).toMatchObject({
      outcome: LAUNCHED,
      launches: ['1 a: first'],
    });
    expect(await launched({ a: FULL, b: FULL, c: LAUNCHED, d: LAUNCHED })).toMatchObject({
      outcome: { kind: 'launched', reason: '"a" has no room (no memory is left); "b" has no room (no memory is left)' },
      launches: [
        '1 a: first',
        '2 b: "a" has no room (no memory is left)',
        '3 c: "a" has no room (no memory is left); "b" has no room (no memory is left)',
      ],
    });
  });

  it.each([
    ['ECS does not answer', UNKNOWN],
    ['the request is refused', REFUSED],
  ])('tries no other one when %s: only proof that nothing runs allows a second attempt', async (_why, outcome) => {
    expect(await launched({ a: outcome, b: LAUNCHED })).toMatchObject({ outcome, launches: ['1 a: first'] });
    expect(await launched({ a: FULL, b: outcome, c: LAUNCHED })).toMatchObject({ outcome, launches: { length: 2 } });
  });

  it('waits when none has room, and tells of each', async () => {
    expect((await launched({ a: FULL })).outcome).toEqual(FULL);
    expect((await launched({ a: FULL, b: FULL })).outcome).toEqual({
      ...FULL,
      sentence: 'No cluster of 2 has room: "a" has no room (no memory is left); "b" has no room (no memory is left)',
    });
  });

  it('leaves out one that only stands in and cannot be used, and fails for the first', async () => {
    const { outcome, unusable } = await launched({ a: FULL, b: invalid, c: LAUNCHED });
    expect([outcome.kind, unusable]).toEqual(['launched', ['b']]);
    expect((await launched({ a: FULL, b: invalid })).outcome.kind).toBe('no_resources');
    await expect(launched({ a: invalid, b: LAUNCHED })).rejects.toThrow(invalid);
    await expect(launched({ a: FULL, b: new Error('a bug') })).rejects.toThrow('a bug');
  });
});
