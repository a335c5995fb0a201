import type { EcsSnapshot } from '../../containers/container.ts';
import type { AttemptView } from '../context.ts';

/**
 * Returns whether a container is ready. A signed ready signal is enough, even before ECS says RUNNING. One that nobody signed is
 * a hint until ECS says so.
 */
export function decideReadiness(
  attempt: Pick<AttemptView, 'ready' | 'isLegacy'> | null,
  snapshot: EcsSnapshot | null,
): 'ready' | 'hint' | 'unheard' {
  if (!attempt?.ready) return 'unheard';
  if (attempt.isLegacy !== true) return 'ready';
  return snapshot?.kind === 'seen' && snapshot.lastStatus === 'RUNNING' ? 'ready' : 'hint';
}
