import type { AttemptRow } from '../../store/schema.ts';
import type { ClusterCandidate } from '../engine-deps.ts';

/**
 * Puts the cluster last in which the container before never ran for lack of capacity: ECS had accepted that launch, so
 * only its end said so. It is still tried when the others have no room either. A launch that ECS refused for lack of room
 * changes nothing: it costs one call, and room may have come since.
 */
export function putFullLast(
  candidates: readonly ClusterCandidate[],
  before: Pick<AttemptRow, 'cluster' | 'arn' | 'runningAt' | 'endCause'> | null,
): readonly ClusterCandidate[] {
  if (before?.endCause?.fault !== 'capacity' || before.arn === null || before.runningAt !== null) return candidates;
  const { cluster, endCause } = before;
  const reason = `"${cluster}" had no room for the container before (${endCause.sentence})`;
  const others = candidates.filter(({ name }) => name !== cluster).map((other) => ({ ...other, reason }));
  return [...others, ...candidates.filter(({ name }) => name === cluster)];
}
