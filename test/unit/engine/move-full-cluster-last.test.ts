import { describe, expect, it } from 'vitest';
import { moveFullClusterLast } from '../../../controlplane/engine/container/move-full-cluster-last.ts';

const open = (): Promise<never> => Promise.reject(new Error('not asked'));
const candidates = ['spot', 'on-demand'].map((name) => ({ name, reason: 'first', open }));
const end = {
  cause: 'no-capacity',
  fault: 'capacity' as const,
  retry: 'launch-again' as const,
  sentence: 'No Spot capacity came within 10 minutes',
  remedy: null,
  evidence: [],
};
const order = (before: Parameters<typeof moveFullClusterLast>[1]) =>
  moveFullClusterLast(candidates, before).map(({ name, reason }) => `${name}: ${reason}`);

describe('the cluster in which the container before never ran for lack of capacity', () => {
  it('is tried last, and the reason says so', () => {
    expect(order({ cluster: 'spot', arn: 'a', runningAt: null, endCause: end })).toEqual([
      'on-demand: "spot" had no room for the container before (No Spot capacity came within 10 minutes)',
      'spot: first',
    ]);
  });

  it.each([
    ['there was none', null],
    ['it has run', { cluster: 'spot', arn: 'a', runningAt: new Date(0), endCause: end }],
    ['ECS refused it', { cluster: 'spot', arn: null, runningAt: null, endCause: end }],
    [
      'it ended for another reason',
      { cluster: 'spot', arn: 'a', runningAt: null, endCause: { ...end, fault: 'user' as const } },
    ],
    ['nobody knows why it ended', { cluster: 'spot', arn: 'a', runningAt: null, endCause: null }],
  ])('is none when %s', (_when, before) => {
    expect(order(before)).toEqual(['spot: first', 'on-demand: first']);
  });

  it('is the only one when there is no other', () => {
    const [spot] = candidates;
    expect(moveFullClusterLast([spot!], { cluster: 'spot', arn: 'a', runningAt: null, endCause: end })).toEqual([spot]);
  });
});
