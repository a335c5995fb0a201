import type { Liveness } from '../../containers/liveness.ts';
import type { AttemptRow } from '../../store/schema.ts';

// No signal says that a process of a container without an agent has ended, so the container is asked. Commands that prepare a
// build end within seconds; of a build that has run for minutes nobody misses ten seconds (ours).
const SOONEST_SECONDS = 1;
const LATEST_SECONDS = 10;
/** A container is asked again after this share of its age. */
const SHARE_OF_AGE = 1 / 30;

/** Returns after which time a container without an agent is asked again, at the latest. */
export function legacyRecheckSeconds(
  { verdict, recheckSeconds }: Pick<Liveness, 'verdict' | 'recheckSeconds'>,
  { launchedAt, createdAt }: Pick<AttemptRow, 'launchedAt' | 'createdAt'>,
  now: Date,
): number | null {
  // Nobody has to be asked of an end.
  if (verdict === 'terminated' || verdict === 'last_words') return recheckSeconds;
  const ageSeconds = (now.getTime() - (launchedAt ?? createdAt).getTime()) / 1000;
  const own = Math.min(LATEST_SECONDS, Math.max(SOONEST_SECONDS, ageSeconds * SHARE_OF_AGE));
  return Math.min(own, recheckSeconds ?? own);
}
