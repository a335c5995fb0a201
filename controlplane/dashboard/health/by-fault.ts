import type { CausesAnswer } from '../../api/causes/cause-views.ts';
import { faultTitle } from '../fault-labels.ts';

type Cause = CausesAnswer['causes'][number];

/** The failures for which one party is responsible. */
export interface FaultGroup {
  readonly fault: Cause['fault'];
  /** For people: whose doing it was. */
  readonly words: string;
  readonly count: number;
  /** The most frequent first. */
  readonly causes: readonly Cause[];
}

// Failures that an operator has to look at come first; the builds' own are for their authors.
const FAULTS: readonly Cause['fault'][] = ['system', 'configuration', 'capacity', 'spot', null, 'user'];

export function byFault(causes: readonly Cause[]): FaultGroup[] {
  return FAULTS.map((fault) => {
    const own = causes.filter((one) => one.fault === fault).sort((a, b) => b.count - a.count);
    return { fault, words: faultTitle(fault), count: own.reduce((sum, { count }) => sum + count, 0), causes: own };
  }).filter(({ count }) => count > 0);
}
