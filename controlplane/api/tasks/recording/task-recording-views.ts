import { z } from 'zod';
import { Count, Instant } from '../../view-fields.ts';

/** One step of the recording: the state that was left, the value that was answered, the state that was entered. */
export const StepView = z.object({
  number: Count.describe('Grows by the order of the recording; the stream resumes after it.'),
  from: z.string().nullable().describe('The state that was left; null for the first step.'),
  value: z.string().nullable().describe('What the transition method of that state answered.'),
  to: z.string().describe('The state that was entered.'),
  executed: z.boolean().describe('False when the state was entered without running its method (`exec=false`).'),
  at: Instant.describe('When the step ended.'),
  tookMs: z.number().nullable().describe('How long it took (ms); null when that is not known.'),
  note: z
    .string()
    .nullable()
    .describe(
      'A remark, such as `took over` after a node died, or `went on` where the same node did, or the task was handed back.',
    ),
});
export type StepView = z.infer<typeof StepView>;

export const LogLevelName = z.enum(['FATAL', 'ERROR', 'WARN', 'ALERT', 'INFO', 'DEBUG', 'TRACE']);
export type LogLevelName = z.infer<typeof LogLevelName>;

export const LogView = z.object({
  id: Count.describe('Grows by the order of the log; the next page begins after it.'),
  at: Instant.describe('When it was written.'),
  level: LogLevelName.describe('FATAL is the most severe.'),
  message: z.string().describe('For people.'),
  userReadable: z.boolean().describe('False: for operators only.'),
});
export type LogView = z.infer<typeof LogView>;

/** One stored piece of output, as the agent sent it. */
export const OutputView = z.object({
  id: Count.describe('Grows by the order of arrival.'),
  at: Instant.describe('When it arrived.'),
  attempt: z.number().int().positive().describe('Number of the container.'),
  processId: z.string().describe('Names the process within its container.'),
  stream: z.enum(['stdout', 'stderr']).describe('The stream that it was written to.'),
  offset: Count.describe("Position of `data` in this process's stream."),
  data: z.base64().describe('The bytes, in base64.'),
  omittedBefore: Count.default(0).describe(
    "Bytes of this process's stream just before `data` that are missing: lost on the way, or not kept.",
  ),
});
export type OutputView = z.infer<typeof OutputView>;

export const TranscriptAnswer = z.object({ steps: z.array(StepView) });
export type TranscriptAnswer = z.infer<typeof TranscriptAnswer>;
export const LogPage = z.object({ logs: z.array(LogView) });
export type LogPage = z.infer<typeof LogPage>;

/** Headers of `GET /v1/tasks/{id}/output`, whose body is the bytes themselves. */
export const OUTPUT_HEADER = { nextOffset: 'wip-next-offset', omittedBytes: 'wip-omitted-bytes' } as const;

/** Both streams in the order in which they were written, as far as that is known. `next` is the `after` of the next page. */
export const OutputPage = z.object({
  pieces: z.array(OutputView).describe('Output of both streams, in the order in which it was written.'),
  next: Count.describe('`after` of the next page.'),
});
export type OutputPage = z.infer<typeof OutputPage>;
