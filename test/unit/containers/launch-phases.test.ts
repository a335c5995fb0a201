import { describe, expect, it } from 'vitest';
import { decideLaunchPhases, type LaunchInstants } from '../../../controlplane/containers/launch-phases.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 10, 28, 12, 0, second)).toISOString();
const NOTHING: LaunchInstants = {
  ...{ addedAt: at(0), startedAt: null, launchedAt: null, pullStartedAt: null, pullStoppedAt: null },
  ...{ runningAt: null, enrolledAt: null, readyAt: null, verifiedAt: null },
};

describe('the phases of a launch', () => {
  it('are those whose beginning and end are known', () => {
    expect(decideLaunchPhases(NOTHING)).toEqual({});
    expect(decideLaunchPhases({ ...NOTHING, startedAt: at(2), launchedAt: at(3) })).toEqual({ queue: 2 });
  });

  it('go from the queue to the proof over SSH', () => {
    const pulled = { pullStartedAt: at(6), pullStoppedAt: at(16), runningAt: at(17) };
    const agent = { enrolledAt: at(19), readyAt: at(20), verifiedAt: at(22) };
    const whole = { ...NOTHING, startedAt: at(2), launchedAt: at(3), ...pulled, ...agent };
    const phases = { queue: 2, provision: 3, pull: 10, start: 1, enrol: 2, ready: 1, ssh: 2 };
    expect(decideLaunchPhases(whole)).toEqual(phases);
    // Together they are the whole way, but for the moment between the start of the task and its launch.
    expect(Object.values(phases).reduce((sum, seconds) => sum + seconds, 0)).toBe(22 - 1);
  });

  it('have no pull where the image was there, and the enrolment follows the provision', () => {
    const running = { ...NOTHING, startedAt: at(2), launchedAt: at(3), runningAt: at(9), enrolledAt: at(11) };
    expect(decideLaunchPhases(running)).toEqual({ queue: 2, provision: 6, enrol: 2 });
  });

  it('begin the enrolment with the pulled image where nobody has seen the container run', () => {
    const pulled = { ...NOTHING, pullStoppedAt: at(4), enrolledAt: at(7) };
    expect(decideLaunchPhases(pulled)).toEqual({ enrol: 3 });
  });

  it('are not negative when the clock of ECS is behind', () => {
    expect(decideLaunchPhases({ ...NOTHING, launchedAt: at(3), runningAt: at(2) })).toEqual({ provision: 0 });
  });
});
