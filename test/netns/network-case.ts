import type { LinkFault, NetworkMode } from './container-link.ts';

/**
 * The moment of a build at which its network fails. `launch`: before the agent has enrolled. `running`: the build writes
 * output. `end`: the build's process ends meanwhile. `limit`: the agent ends the container meanwhile, because the build
 * fills the disk.
 */
export type Moment = 'launch' | 'running' | 'end' | 'limit';

export interface NetworkCase {
  /** Of the case, its cluster and its directory. */
  readonly name: string;
  readonly mode: NetworkMode;
  readonly fault: LinkFault;
  readonly during: Moment;
}

const MODES: readonly NetworkMode[] = ['awsvpc', 'bridge'];
const MOMENTS: readonly Moment[] = ['launch', 'running', 'end', 'limit'];
const OUTAGES: readonly LinkFault[] = ['cut', 'black-hole', 'reset'];

/** Every outage at every moment, and a slow link for the whole life of a container, with both kinds of addresses. */
export const ALL_CASES: readonly NetworkCase[] = MODES.flatMap((mode) => [
  ...OUTAGES.flatMap((fault) => MOMENTS.map((during) => networkCase(mode, fault, during))),
  networkCase(mode, 'slow', 'launch'),
]);

/**
 * Those that `npm test` runs: each fault, each kind of address, and each moment, for a build whose end falls into an outage
 * is running when that begins.
 */
export const BRIEF_CASES: readonly NetworkCase[] = [
  networkCase('awsvpc', 'cut', 'launch'),
  networkCase('bridge', 'reset', 'end'),
  networkCase('awsvpc', 'black-hole', 'limit'),
  networkCase('bridge', 'slow', 'launch'),
];

function networkCase(mode: NetworkMode, fault: LinkFault, during: Moment): NetworkCase {
  return { name: `${fault}-${during}-${mode}`, mode, fault, during };
}
