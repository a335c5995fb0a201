import { describe, expect, it } from 'vitest';
import { countContainerless } from '../../../controlplane/tasks/container/count-containerless.ts';

describe('attempts without a container', () => {
  it.each([
    ['the first launch has room', { earlier: 0, hadContainer: true, number: 1 }, 0],
    ['the first launch is in its third cluster', { earlier: 0, hadContainer: true, number: 3 }, 2],
    ['the launch before had no room', { earlier: 1, hadContainer: false, number: 2 }, 1],
    [
      'the launch before had no room in two clusters, and this one none in one',
      { earlier: 2, hadContainer: false, number: 4 },
      2,
    ],
    ['the container before was lost, and its cluster is full', { earlier: 1, hadContainer: true, number: 3 }, 1],
    ['a launch without an answer is repeated', { earlier: 2, hadContainer: false, number: 2 }, 0],
  ])('do not count as launches when %s', (_when, launch, count) => {
    expect(countContainerless(launch)).toBe(count);
  });
});
