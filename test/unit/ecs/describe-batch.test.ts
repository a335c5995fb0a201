import { describe, expect, it } from 'vitest';
import type { EcsSnapshot, EcsStatus } from '../../../controlplane/containers/container.ts';
import { createDescribeBatch, type DescribeBatch } from '../../../controlplane/ecs/client/describe-batch.ts';
import type { Clock } from '../../../shared/time/clock.ts';

function seen(arn: string, lastStatus: EcsStatus, desiredStatus: EcsStatus = 'RUNNING'): EcsSnapshot {
  const nothing = { stopCode: null, stoppedReason: null, containerReason: null, exitCode: null, address: null };
  const times = { containerInstanceArn: null, createdAt: null, startedAt: null, stoppedAt: null };
  return { kind: 'seen', at: '', arn, lastStatus, desiredStatus, ...nothing, ...times };
}

/** Returns a batch over an ECS that knows every task, in the given status. Time moves by `pass` only. */
function begin(answer: (arn: string) => EcsSnapshot = (arn) => seen(arn, 'RUNNING')): {
  batch: DescribeBatch;
  calls: (readonly string[])[];
  pass: (ms: number) => void;
} {
  const calls: (readonly string[])[] = [];
  let nowMs = 0;
  const clock: Clock = { now: () => new Date(nowMs), monotonicMs: () => nowMs, sleep: () => Promise.resolve() };
  const ask = (arns: readonly string[]): Promise<Map<string, EcsSnapshot>> => {
    calls.push(arns);
    return Promise.resolve(new Map(arns.filter((arn) => arn !== 'gone').map((arn) => [arn, answer(arn)])));
  };
  return { batch: createDescribeBatch({ ask, clock }), calls, pass: (ms) => void (nowMs += ms) };
}

describe('the batch of questions', () => {
  it('asks for a thousand tasks in ten calls', async () => {
    const { batch, calls } = begin();
    const arns = Array.from({ length: 1000 }, (_, index) => `task-${index}`);
    const snapshots = await Promise.all(arns.map((arn) => batch.describe(arn, 'shared')));
    expect(snapshots.map((snapshot) => snapshot.kind === 'seen' && snapshot.arn)).toEqual(arns);
    expect(calls.map((call) => call.length)).toEqual(Array(10).fill(100));
  });

  it('asks once for all who ask for the same task, and shares the answer for five seconds', async () => {
    const { batch, calls, pass } = begin();
    await Promise.all([batch.describe('a', 'shared'), batch.describe('a', 'shared'), batch.describe('a', 'fresh')]);
    pass(4_999);
    await batch.describe('a', 'shared');
    expect(calls).toEqual([['a']]);
    pass(1);
    await batch.describe('a', 'shared');
    expect(calls).toHaveLength(2);
  });

  it('shares what is on its way to another status for a second only', async () => {
    const { batch, calls, pass } = begin((arn) => seen(arn, 'RUNNING', 'STOPPED'));
    await batch.describe('a', 'shared');
    pass(1_000);
    await batch.describe('a', 'shared');
    expect(calls).toHaveLength(2);
  });

  it('asks again at once for whoever wants it fresh, and after a stop', async () => {
    const { batch, calls } = begin();
    await batch.describe('a', 'shared');
    await batch.describe('a', 'fresh');
    batch.forget('a');
    await batch.describe('a', 'shared');
    expect(calls).toHaveLength(3);
  });

  it('answers missing for what ECS does not mention, and keeps no failed call', async () => {
    const { batch, calls } = begin(() => ({ kind: 'unknown', at: '', error: 'throttled', sentence: '' }));
    expect(await batch.describe('gone', 'shared')).toMatchObject({ kind: 'missing' });
    await batch.describe('a', 'shared');
    await batch.describe('a', 'shared');
    expect(calls).toEqual([['gone'], ['a'], ['a']]);
  });
});
