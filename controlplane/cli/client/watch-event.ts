import { z } from 'zod';
import { LogView, OutputView, StepView } from '../../api/tasks/recording/task-recording-views.ts';
import { TaskView } from '../../api/tasks/task-views.ts';

/** Something that happened to a task; also what `wipctl logs --json` prints, one on a line. */
export const TaskEvent = z.discriminatedUnion('kind', [
  /** The task has changed. */
  z.object({ kind: z.literal('task'), task: TaskView }),
  z.object({ kind: z.literal('state'), step: StepView }),
  z.object({ kind: z.literal('log'), log: LogView }),
  z.object({ kind: z.literal('output'), output: OutputView }),
  /** The connection broke and is being made again. No event is lost. */
  z.object({ kind: z.literal('lost'), why: z.string() }),
  /** The task has ended; nothing follows. */
  z.object({ kind: z.literal('end'), task: TaskView }),
]);
export type TaskEvent = z.infer<typeof TaskEvent>;
