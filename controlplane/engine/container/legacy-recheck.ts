import type { Liveness } from '../../containers/liveness.ts';
import type { AttemptRow } from '../../store/schema.ts';

// A container without an agent sends no signal when a process has ended, so it is polled. Commands that prepare a build end
// within seconds; for a build that has run for minutes a delay of ten seconds does not matter (ours).
const SOONEST_SECONDS = 1;
const LATEST_SECONDS = 10;
/** The poll interval as a share of the container's age. */
const SHARE_OF_AGE = 1 / 30;

/** Returns the seconds after which a container without an agent is polled again at the latest; null: not before its table's wait ends. */
export function legacyRecheckSeconds(
  { verdict, recheckSeconds }: Pick<Liveness, 'verdict' | 'recheckSeconds'>,
  { launchedAt, createdAt }: Pick<AttemptRow, 'launchedAt' | 'createdAt'>,
  now: Date,
): number | null {
  // A container that has ended need not be polled.
  if (verdict === 'terminated' || verdict === 'last_words') return recheckSeconds;
  const ageSeconds = (now.getTime() - (launchedAt ?? createdAt).getTime()) / 1000;
  const own = Math.min(LATEST_SECONDS, Math.max(SOONEST_SECONDS, ageSeconds * SHARE_OF_AGE));
  return Math.min(own, recheckSeconds ?? own);
}
