import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideLaunchPauseSeconds } from '../../../controlplane/containers/launch-backoff.ts';

describe('the pause before a launch is repeated', () => {
  it.each([
    [1, 2.5, 5],
    [2, 5, 10],
    [3, 10, 20],
    [6, 80, 160],
    [7, 150, 300],
    [1_000, 150, 300],
  ])('after %i launches into a full cluster is between %d and %d s', (tries, least, most) => {
    expect(decideLaunchPauseSeconds('no_resources', tries, 0)).toBe(least);
    expect(decideLaunchPauseSeconds('no_resources', tries, 1)).toBe(most);
  });

  it('after launches without an answer is between 7.5 and 30 s', () => {
    expect(decideLaunchPauseSeconds('no_information', 1, 0)).toBe(7.5);
    expect(decideLaunchPauseSeconds('no_information', 9, 1)).toBe(30);
  });

  it('never shrinks while launches go on to fail, and never spins', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true }), (tries, chance) => {
        const pause = decideLaunchPauseSeconds('no_resources', tries, chance);
        expect(pause).toBeGreaterThanOrEqual(2.5);
        expect(decideLaunchPauseSeconds('no_resources', tries + 1, chance)).toBeGreaterThanOrEqual(pause);
      }),
    );
  });
});
