/** What is known of the start of a task and its container: ISO 8601, null when nobody has told. */
export interface LaunchInstants {
  readonly addedAt: string | null;
  readonly startedAt: string | null;
  readonly launchedAt: string | null;
  readonly pullStartedAt: string | null;
  readonly pullStoppedAt: string | null;
  /** When ECS first said RUNNING. */
  readonly runningAt: string | null;
  readonly enrolledAt: string | null;
  readonly readyAt: string | null;
  readonly verifiedAt: string | null;
}

/** The way of a container to its first work, in order. */
export const LAUNCH_PHASES = ['queue', 'provision', 'pull', 'start', 'enrol', 'ready', 'ssh'] as const;
export type LaunchPhase = (typeof LAUNCH_PHASES)[number];

/**
 * Returns the seconds of each phase whose beginning and end are known. `queue`: until the task started; `provision`: until
 * ECS pulled the image, or ran the container when it pulled none; `pull`; `start`: from the pulled image until ECS said
 * RUNNING; `enrol`: until the agent had its keys; `ready`: until it said ready; `ssh`: until the container was proven.
 */
export function decideLaunchPhases(given: LaunchInstants): Partial<Record<LaunchPhase, number>> {
  const ends: Readonly<Record<LaunchPhase, readonly [string | null, string | null]>> = {
    queue: [given.addedAt, given.startedAt],
    provision: [given.launchedAt, given.pullStartedAt ?? given.runningAt],
    pull: [given.pullStartedAt, given.pullStoppedAt],
    start: [given.pullStoppedAt, given.runningAt],
    enrol: [given.runningAt ?? given.pullStoppedAt, given.enrolledAt],
    ready: [given.enrolledAt, given.readyAt],
    ssh: [given.readyAt, given.verifiedAt],
  };
  const phases: Partial<Record<LaunchPhase, number>> = {};
  for (const phase of LAUNCH_PHASES) {
    const [from, to] = ends[phase];
    // The instants are from two clocks, the database's and that of ECS, which may differ by some milliseconds.
    if (from !== null && to !== null) phases[phase] = Math.max(0, (Date.parse(to) - Date.parse(from)) / 1_000);
  }
  return phases;
}
