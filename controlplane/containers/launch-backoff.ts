import type { LaunchOutcome } from './container.ts';

interface Pause {
  readonly firstSeconds: number;
  readonly maxSeconds: number;
}

// A full cluster gets room when a build ends, which takes seconds to minutes; each launch draws from the account's quota
// of RunTask. Ours, between the 2 s and the 5 minutes in which ECS itself tries again to place the tasks of a service.
const NO_ROOM: Pause = { firstSeconds: 5, maxSeconds: 300 };
// The outcome of a launch is found out with its own client token, and an operator may correct the cluster at any time.
// Not longer than the wait of the table's row (tasks/container/container-state-tables.ts), which would end it anyway.
const UNANSWERED: Pause = { firstSeconds: 15, maxSeconds: 30 };

/**
 * Returns the seconds between a launch without a container and the next one. `tries` counts the launches that ended
 * like this in a row, from 1; `chance` is in [0, 1). Half of the pause is fixed and half is drawn (equal jitter: AWS
 * Architecture Blog, "Exponential Backoff And Jitter", 2015), so that waiting tasks spread and none spins.
 */
export function decideLaunchPauseSeconds(kind: LaunchOutcome['kind'], tries: number, chance: number): number {
  const { firstSeconds, maxSeconds } = kind === 'no_resources' ? NO_ROOM : UNANSWERED;
  const ceiling = Math.min(maxSeconds, firstSeconds * 2 ** Math.max(0, tries - 1));
  return ceiling / 2 + (ceiling / 2) * chance;
}
