import type { LaunchOutcome } from '../../containers/container.ts';
import { decideLaunchPauseSeconds } from '../../containers/launch-backoff.ts';
import { sha256Hex } from '../../../shared/keys/signing.ts';
import type { WipContext } from '../context.ts';

/** Returns when the launch after `tries` that ended like this is due. The pauses grow, and differ between tasks. */
export function nextLaunchAt(context: WipContext, kind: LaunchOutcome['kind'], tries: number): string {
  return later(context.now.toISOString(), decideLaunchPauseSeconds(kind, tries, chanceOf(context, tries)));
}

/**
 * Returns a number in [0, 1) that differs between tasks and between tries, and is the same when a step is repeated: a
 * simulated run has to end alike each time.
 */
function chanceOf({ taskUuid }: WipContext, tries: number): number {
  return Number.parseInt(sha256Hex(`${taskUuid} launch ${tries}`).slice(0, 8), 16) / 2 ** 32;
}

export function later(at: string, seconds: number): string {
  return new Date(Date.parse(at) + seconds * 1000).toISOString();
}
