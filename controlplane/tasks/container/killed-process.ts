import { isStopCause, type StopCause } from '../../../shared/model/stop-cause.ts';
import type { ProcessResult } from '../../../shared/protocol/signals.ts';
import type { WipContext } from '../context.ts';
import { LAUNCH_STATE, launchBag, type KilledAttempt } from './launch-bag.ts';

// How long the output signal may take after the end of a process that was killed for it. Ours: the agent sends it first, but
// signals that are repeated overtake each other, and their repetitions begin within seconds.
const LAST_WORDS_MS = 60_000;

/**
 * Notes that the agent has killed a process of this state because it ends its container. Returns what is noted; null when
 * no process was.
 */
export function noteKilled(context: WipContext, results: readonly (ProcessResult | null)[]): KilledAttempt | null {
  const cause = results.map((result) => result?.reason).find(isStopCause);
  if (!cause) return null;
  const bag = launchBag(context.bagOf(LAUNCH_STATE));
  const number = context.attempt?.number ?? 0;
  if (bag.killed?.number !== number) bag.killed = { number, cause, since: context.now.toISOString() };
  return bag.killed;
}

/** Returns whether the agent's words about the end of its container may still be on their way. */
export function awaitsLastWords(context: WipContext, { since }: KilledAttempt): boolean {
  if (context.now.getTime() - Date.parse(since) >= LAST_WORDS_MS) return false;
  context.waitsFor('its container is stopping, and the last signals of its agent have not arrived');
  return true;
}

/** Returns for which end of the current container its agent has killed a process; null when it has killed none. */
export function killedFor(context: WipContext): StopCause | null {
  const { killed } = launchBag(context.bagOf(LAUNCH_STATE));
  return killed && killed.number === context.attempt?.number ? killed.cause : null;
}
