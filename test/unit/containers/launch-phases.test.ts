import { describe, expect, it } from 'vitest';
import { decideLaunchPhases, type LaunchInstants } from '../../../controlplane/containers/launch-phases.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 10, 28, 12, 0, second)).toISOString();
const NOTHING: LaunchInstants = {
  ...{ addedAt: at(0), startedAt: null, launchedAt: null, pullStartedAt: null, pullStoppedAt: null },
  ...{ runningAt: null, readyAt: null, verifiedAt: null },
};

describe('the phases of a launch', () => {
  it('are those whose beginning and end are known', () => {
    expect(decideLaunchPhases(NOTHING)).toEqual({});
    expect(decideLaunchPhases({ ...NOTHING, startedAt: at(2), launchedAt: at(3) })).toEqual({ queue: 2 });
  });

  it('go from the queue to the proof over SSH', () => {
    const pulled = { pullStartedAt: at(6), pullStoppedAt: at(16), runningAt: at(17) };
    const whole = { ...NOTHING, startedAt: at(2), launchedAt: at(3), ...pulled, readyAt: at(20), verifiedAt: at(21) };
    expect(decideLaunchPhases(whole)).toEqual({ queue: 2, provision: 3, pull: 10, start: 4, ssh: 1 });
  });

  it('have no pull where the image was there, and the start follows the provision', () => {
    const running = { ...NOTHING, startedAt: at(2), launchedAt: at(3), runningAt: at(9), readyAt: at(11) };
    expect(decideLaunchPhases(running)).toEqual({ queue: 2, provision: 6, start: 2 });
  });

  it('are not negative when the clock of ECS is behind', () => {
    expect(decideLaunchPhases({ ...NOTHING, launchedAt: at(3), runningAt: at(2) })).toEqual({ provision: 0 });
  });
});
