import { z } from 'zod';
import { Count, Instant } from '../../view-fields.ts';

/** What a build is of. */
export const SourceView = z.object({
  /** Without user and password. */
  repository: z.string(),
  branch: z.string().nullable(),
  /** The ref that is built instead of the branch, such as the merge of a pull request. */
  ref: z.string().nullable(),
  /** Known as soon as it is cloned. */
  commit: z.string().nullable(),
});
export type SourceView = z.infer<typeof SourceView>;

/** The step of a build that runs now. */
export const RunningStepView = z.object({
  /** From 1. */
  number: z.number().int().positive(),
  of: z.number().int().positive(),
  name: z.string(),
  since: Instant,
});
export type RunningStepView = z.infer<typeof RunningStepView>;

/** How a step of a build stands. `lost`: it did not end, because the build was ended from outside while it was under way. */
export const StepOutcome = z.enum(['running', 'done', 'failed', 'lost']);
export type StepOutcome = z.infer<typeof StepOutcome>;

/** A step of a build that has begun. Unknown values are null; while the step runs, only its position is known. */
export const BuildStepView = z.object({
  event: z.string(),
  number: z.number().int().positive(),
  /** Null when the build ended before all its steps had begun. */
  of: z.number().int().positive().nullable(),
  name: z.string(),
  /** Line in the build file: of the step, or of the command at which it failed. */
  line: z.number().int().positive().nullable(),
  /** The command at which it failed. */
  command: z.string().nullable(),
  startedAt: Instant,
  endedAt: Instant.nullable(),
  exitCode: z.number().int().nullable(),
  /** Where its header begins in the stdout of the build's process. */
  offset: Count.nullable(),
  /** Null: the node that answers is of an earlier version, which does not report it. */
  outcome: StepOutcome.nullable().default(null),
});
export type BuildStepView = z.infer<typeof BuildStepView>;

/** The step at which a build failed. */
export const FailedStepView = BuildStepView.pick({
  event: true,
  number: true,
  of: true,
  name: true,
  line: true,
}).extend({
  command: z.string().nullable(),
  exitCode: z.number().int().nullable(),
  /** What happened, for people. */
  sentence: z.string().nullable(),
  offset: Count.nullable(),
});
export type FailedStepView = z.infer<typeof FailedStepView>;

const Spread = z.object({ medianSeconds: z.number(), p95Seconds: z.number() });
/** How long the last successes of the same group, repository and branch took, by phase. */
export const UsualView = z.object({
  /** The successes that were counted, 50 at most. */
  samples: Count,
  queued: Spread.nullable(),
  starting: Spread.nullable(),
  running: Spread.nullable(),
  ending: Spread.nullable(),
  /** From the start to the end. */
  total: Spread.nullable(),
});
export type UsualView = z.infer<typeof UsualView>;
