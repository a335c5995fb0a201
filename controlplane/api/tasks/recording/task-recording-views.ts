import { z } from 'zod';
import { Count, Instant } from '../../view-fields.ts';

/** One step of the recording: the state that was left, the value that was answered, the state that was entered. */
export const StepView = z.object({
  /** Grows by the order of the recording; the stream resumes after it. */
  number: Count,
  from: z.string().nullable(),
  value: z.string().nullable(),
  to: z.string(),
  /** False when the state was entered without running its method (`exec=false`). */
  executed: z.boolean(),
  at: Instant,
  tookMs: z.number().nullable(),
  /** A remark, such as `took over` after a node died, or `went on` where the same node did, or the task was handed back. */
  note: z.string().nullable(),
});
export type StepView = z.infer<typeof StepView>;

export const LogLevelName = z.enum(['FATAL', 'ERROR', 'WARN', 'ALERT', 'INFO', 'DEBUG', 'TRACE']);
export type LogLevelName = z.infer<typeof LogLevelName>;

export const LogView = z.object({
  id: Count,
  at: Instant,
  level: LogLevelName,
  message: z.string(),
  userReadable: z.boolean(),
});
export type LogView = z.infer<typeof LogView>;

/** One stored piece of output, as the agent sent it. */
export const OutputView = z.object({
  id: Count,
  at: Instant,
  attempt: z.number().int().positive(),
  processId: z.string(),
  stream: z.enum(['stdout', 'stderr']),
  /** Position of `data` in this process's stream. */
  offset: Count,
  data: z.base64(),
  /** Bytes of this process's stream just before `data` that are missing: lost on the way, or not kept. */
  omittedBefore: Count.default(0),
});
export type OutputView = z.infer<typeof OutputView>;

export const TranscriptAnswer = z.object({ steps: z.array(StepView) });
export type TranscriptAnswer = z.infer<typeof TranscriptAnswer>;
export const LogPage = z.object({ logs: z.array(LogView) });
export type LogPage = z.infer<typeof LogPage>;

/** Headers of `GET /v1/tasks/{id}/output`, whose body is the bytes themselves. */
export const OUTPUT_HEADER = { nextOffset: 'wip-next-offset', omittedBytes: 'wip-omitted-bytes' } as const;

/**
 * A page of the output of both streams in the order in which they were written, as far as that is known. `next` is the
 * `after` of the next page.
 */
export const OutputPage = z.object({ pieces: z.array(OutputView), next: Count });
export type OutputPage = z.infer<typeof OutputPage>;
