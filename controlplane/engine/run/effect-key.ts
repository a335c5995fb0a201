import { sha256Hex } from '../../../shared/support/signing.ts';
import type { EffectScope } from '../../tasks/context.ts';

export interface EffectPlace {
  readonly taskUuid: string;
  readonly entry: number;
  /** Number of the current container attempt; 0 before the first. */
  readonly attempt: number;
}

/**
 * Names one effect: a repetition in the same place is the same effect, and so happens once. 64 hexadecimal
 * characters, which is also what the agent takes as a process key.
 */
export function effectKey(place: EffectPlace, scope: EffectScope, name: string): string {
  const number = scope === 'entry' ? place.entry : scope === 'container' ? place.attempt : 0;
  return sha256Hex(JSON.stringify([place.taskUuid, scope, number, name]));
}
