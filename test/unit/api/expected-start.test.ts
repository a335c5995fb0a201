import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  expectedStarts,
  type QueuePosition,
  type SlotOutlook,
} from '../../../controlplane/api/queue/expected-start.ts';

const NOW = new Date('2026-01-01T12:00:00Z');
const ago = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1_000);

type QueueOutlook = SlotOutlook & QueuePosition;

function secondsUntil(outlook: Partial<QueueOutlook>): number | null {
  const whole = { now: NOW, maxRunning: 2, runningSince: [], ahead: 0, runSeconds: 100, holderSince: null, ...outlook };
  const [at] = expectedStarts(whole, [whole]);
  if (at === undefined) throw new Error('a place has no answer');
  return at && (at.getTime() - NOW.getTime()) / 1_000;
}

describe('when a queued task is expected to start', () => {
  it.each<[string, Partial<QueueOutlook>, number | null]>([
    ['at once while a slot is free', { runningSince: [ago(10)] }, 0],
    ['when the first running task is through', { runningSince: [ago(10), ago(60)] }, 40],
    ['behind one before it, when the second is through', { runningSince: [ago(10), ago(60)], ahead: 1 }, 90],
    ['behind two, when the first of those is through', { runningSince: [ago(10), ago(60)], ahead: 2 }, 140],
    ['a task that takes longer than usual is about to end', { runningSince: [ago(500), ago(0)] }, 0],
    ['a lowered maximum lets the first ends pass', { maxRunning: 1, runningSince: [ago(10), ago(60)] }, 90],
    ['not before the task on the same target is through', { holderSince: ago(30) }, 70],
    ['a group without slots says nothing', { maxRunning: 0 }, null],
    ['a queue beyond all counting says nothing', { ahead: 10_001 }, null],
  ])('%s', (_, outlook, seconds) => expect(secondsUntil(outlook)).toBe(seconds));

  it('never lies in the past, and never comes sooner for one more task before it', () => {
    const outlook = fc.record({
      maxRunning: fc.integer({ min: 1, max: 6 }),
      runningSince: fc.array(fc.nat(400).map(ago), { maxLength: 8 }),
      ahead: fc.nat(30),
      runSeconds: fc.integer({ min: 1, max: 300 }),
    });
    fc.assert(
      fc.property(outlook, (one) => {
        const seconds = secondsUntil(one) ?? -1;
        expect(seconds).toBeGreaterThanOrEqual(0);
        expect(secondsUntil({ ...one, ahead: one.ahead + 1 })).toBeGreaterThanOrEqual(seconds);
      }),
    );
  });
});
