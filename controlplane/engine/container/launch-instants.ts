import type { LaunchInstants } from '../../containers/launch-phases.ts';
import type { AttemptRow } from '../../store/schema.ts';

/** Returns the known instants of a container's launch. The time that its task was queued is not part of them. */
export function launchInstants(attempt: AttemptRow, verifiedAt: Date | null): LaunchInstants {
  const look = attempt.ecsWitness?.look;
  const seen = look?.kind === 'seen' ? look : null;
  return {
    addedAt: null,
    startedAt: null,
    launchedAt: textOf(attempt.launchedAt),
    pullStartedAt: seen?.pullStartedAt ?? null,
    pullStoppedAt: seen?.pullStoppedAt ?? null,
    runningAt: seen?.startedAt ?? textOf(attempt.runningAt),
    enrolledAt: textOf(attempt.enrolledAt),
    readyAt: textOf(attempt.readyAt),
    verifiedAt: textOf(verifiedAt),
  };
}

function textOf(instant: Date | null): string | null {
  return instant?.toISOString() ?? null;
}
