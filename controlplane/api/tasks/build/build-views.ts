import { z } from 'zod';
import { Count, Instant } from '../../view-fields.ts';

/** What a build is of. */
export const SourceView = z.object({
  repository: z.string().describe('Without user and password.'),
  branch: z.string().nullable().describe('The branch that is built.'),
  ref: z
    .string()
    .nullable()
    .describe('The ref that is built instead of the branch, such as the merge of a pull request.'),
  commit: z.string().nullable().describe('Known as soon as it is cloned.'),
});
export type SourceView = z.infer<typeof SourceView>;

/** The step of a build that runs now. */
export const RunningStepView = z.object({
  number: z.number().int().positive().describe('Number of the step, from 1.'),
  of: z.number().int().positive().describe('Number of steps.'),
  name: z.string().describe('Name in the build file.'),
  since: Instant.describe('When it began.'),
});
export type RunningStepView = z.infer<typeof RunningStepView>;

/** How a step of a build stands. `lost`: it did not end, because the build was ended from outside while it was under way. */
export const StepOutcome = z.enum(['running', 'done', 'failed', 'lost']);
export type StepOutcome = z.infer<typeof StepOutcome>;

/** A step of a build that has begun. Unknown values are null; while the step runs, only its position is known. */
export const BuildStepView = z.object({
  event: z.string().describe('Event of the build file that it belongs to.'),
  number: z.number().int().positive().describe('Number of the step within its event, from 1.'),
  of: z.number().int().positive().nullable().describe('Null when the build ended before all its steps had begun.'),
  name: z.string().describe('Name in the build file.'),
  line: z
    .number()
    .int()
    .positive()
    .nullable()
    .describe('Line in the build file: of the step, or of the command at which it failed.'),
  command: z.string().nullable().describe('The command at which it failed.'),
  startedAt: Instant.describe('When it began.'),
  endedAt: Instant.nullable().describe('When it ended.'),
  exitCode: z.number().int().nullable().describe('Exit code of the step.'),
  offset: Count.nullable().describe("Where its header begins in the stdout of the build's process."),
  outcome: StepOutcome.nullable()
    .default(null)
    .describe('Null: the node that answers is of an earlier version, which does not report it.'),
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
  command: z.string().nullable().describe('The command at which it failed.'),
  exitCode: z.number().int().nullable().describe('Exit code of that command.'),
  sentence: z.string().nullable().describe('What happened, for people.'),
  offset: Count.nullable().describe("Where its header begins in the stdout of the build's process."),
});
export type FailedStepView = z.infer<typeof FailedStepView>;

const Spread = z.object({ medianSeconds: z.number(), p95Seconds: z.number() });
/** How long the last successes of the same group, repository and branch took, by phase. */
export const UsualView = z.object({
  samples: Count.describe('The successes that were counted, 50 at most.'),
  queued: Spread.nullable().describe('Time from being added to the start.'),
  starting: Spread.nullable().describe('Time from the start until the container is ready.'),
  running: Spread.nullable().describe('Time of the build itself.'),
  ending: Spread.nullable().describe('Time from the end of the build to the end of the task.'),
  total: Spread.nullable().describe('Time from the start to the end.'),
});
export type UsualView = z.infer<typeof UsualView>;
