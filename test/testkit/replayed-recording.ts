import { z } from 'zod';
import { EXIT_STATUS, type ExitStatus } from '../../shared/model/status.ts';
import { shown } from '../../shared/text/shown-value.ts';

const STATUS_NAMES = Object.keys(EXIT_STATUS) as [ExitStatus, ...ExitStatus[]];

const RecordedAnswer = z.strictObject({
  from: z.string().nullable(),
  value: z.string().nullable(),
  to: z.string(),
  executed: z.boolean(),
});
type RecordedAnswer = z.output<typeof RecordedAnswer>;

/** The recording of one run of a task, which a simulation follows. */
export const ReplayedRecording = z.strictObject({
  /** The kind of the recorded task, for the words about a class that goes another way. */
  kind: z.string().optional(),
  steps: z.array(RecordedAnswer).superRefine((steps, context) => {
    const at = steps.findIndex((step, index) => index > 0 && step.from !== steps[index - 1]!.to);
    if (at > 0) context.addIssue({ code: 'custom', path: [at, 'from'], message: sayGap(steps, at) });
  }),
  exit: z
    .strictObject({
      status: z.enum(STATUS_NAMES),
      message: z.string().nullable(),
      cause: z.string().nullable().optional(),
    })
    .optional(),
});

/** A class cannot follow a recording with a gap, and would be blamed for it. */
function sayGap(steps: readonly RecordedAnswer[], at: number): string {
  const { from } = steps[at]!;
  const where = `is ${shown(from)}, and step ${at} led to ${shown(steps[at - 1]!.to)}`;
  if (from === null) return `${where}: with step ${at + 1} another run begins; give the steps of one run`;
  return `${where}: steps are missing before step ${at + 1}, or were changed; give the whole recording of one run`;
}
