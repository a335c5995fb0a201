import { z } from 'zod';
import { Duration } from './duration.ts';
import { ContainerEndCause } from './script.ts';

const Ratio = z.number().min(0).max(1);
/** A duration between two others; short ones are more frequent. */
const Range = z
  .tuple([Duration, Duration])
  .refine(([from, to]) => from <= to, 'must be the shorter duration and then the longer one');

/**
 * How often what happens to a task: the probabilities by which `simulateMany` makes scripts. The defaults are more hostile
 * than an installation in order, so that rare paths are met in some hundred runs.
 */
export const Model = z.strictObject({
  readyAfter: Range.default([2, 60]),
  /** How long processes run, and how often they fail. */
  processSeconds: Range.default([1, 600]),
  processFails: Ratio.default(0.05),
  /** Ratios for single processes, by the states that start them. */
  processes: z.record(z.string(), z.strictObject({ runsFor: Range.optional(), fails: Ratio.optional() })).default({}),
  /** A process is silent for its whole run. */
  processSilent: Ratio.default(0.02),
  neverReady: Ratio.default(0.01),
  noResources: Ratio.default(0.02),
  launchUnanswered: Ratio.default(0.02),
  sshRefusals: Ratio.default(0.2),
  ecsOutage: Ratio.default(0.03),
  networkOutage: Ratio.default(0.03),
  outageSeconds: Range.default([5, 120]),
  /** Each container ends before its time this often, at any time in `containerDiesAfter`. */
  containerDies: Ratio.default(0.08),
  containerDiesAfter: Range.default([1, 600]),
  containerCauses: z
    .array(ContainerEndCause)
    .min(1)
    .default(['spot', 'crash', 'out-of-memory', 'host-lost', 'limit-disk']),
  signalLate: Ratio.default(0.05),
  signalLost: Ratio.default(0.02),
  signalDoubled: Ratio.default(0.05),
  /** Some call to the agent fails in this share of the runs. */
  interactionFails: Ratio.default(0.05),
  takeover: Ratio.default(0.05),
  terminate: Ratio.default(0.02),
  pause: Ratio.default(0.02),
});
export type Model = z.input<typeof Model>;
export type ParsedModel = z.output<typeof Model>;

/** Nothing goes wrong; only durations differ. */
export const FRIENDLY_MODEL: Model = {
  processFails: 0,
  processSilent: 0,
  neverReady: 0,
  noResources: 0,
  launchUnanswered: 0,
  sshRefusals: 0,
  ecsOutage: 0,
  networkOutage: 0,
  containerDies: 0,
  signalLate: 0,
  signalLost: 0,
  signalDoubled: 0,
  interactionFails: 0,
  takeover: 0,
  terminate: 0,
  pause: 0,
};
