import type { AttemptRow } from '../../store/schema.ts';
import type { ClusterCandidate } from '../engine-deps.ts';

/**
 * Moves a cluster to the end if the previous container never ran there for lack of capacity although ECS had accepted its launch.
 * It is still tried when the others have no room either. A launch that ECS refused for lack of room does not change the order:
 * trying again costs one call, and there may be room by now.
 */
export function moveFullClusterLast(
  candidates: readonly ClusterCandidate[],
  before: Pick<AttemptRow, 'cluster' | 'arn' | 'runningAt' | 'endCause'> | null,
): readonly ClusterCandidate[] {
  if (before?.endCause?.fault !== 'capacity' || before.arn === null || before.runningAt !== null) return candidates;
  const { cluster, endCause } = before;
  const reason = `"${cluster}" had no room for the container before (${endCause.sentence})`;
  const others = candidates.filter(({ name }) => name !== cluster).map((other) => ({ ...other, reason }));
  return [...others, ...candidates.filter(({ name }) => name === cluster)];
}
