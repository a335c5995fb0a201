import { saysWhy } from '../../containers/causes/rows/agent-cause-rows.ts';
import type { WipContext } from '../context.ts';

/** The value that the state of the container decides; null: the result of the work decides. */
export type ContainerValue = 'terminated' | 'no_information' | 'wait' | null;

/** Asks the witnesses and returns the value that their verdict decides; null when the result of the work decides. */
export async function containerValueOf(context: WipContext): Promise<ContainerValue> {
  const { attempt } = context;
  if (attempt && attempt.isLegacy !== true && (attempt.output || attempt.exit) && saysWhy(attempt)) return 'terminated';
  const { verdict, sentence, waitsFor, waitDetail } = await context.liveness();
  if (waitsFor) context.waitsFor(waitsFor, waitDetail);
  if (verdict === 'terminated' || verdict === 'none') return 'terminated';
  if (verdict === 'contradiction') context.log('ALERT', sentence);
  if (verdict === 'last_words') return 'wait';
  return verdict === 'no_information' || verdict === 'unreachable' ? 'no_information' : null;
}
