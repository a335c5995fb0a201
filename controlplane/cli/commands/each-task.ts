import { z } from 'zod';
import { TaskView } from '../../api/tasks/task-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { ServerRefusal } from '../client/server-refusal.ts';
import { errorText } from '../error-text.ts';
import { EXIT_CODE, exitCodeOf } from '../exit-code.ts';
import { parseTaskId } from './client-command.ts';

/** A task for which the control plane refused what was asked. */
const RefusedTask = z.object({ id: z.int(), code: z.string(), message: z.string() });
type RefusedTask = z.infer<typeof RefusedTask>;

/** What `--json` prints of several tasks. */
export const TaskResults = z.object({ tasks: z.array(TaskView), refused: z.array(RefusedTask) });

export interface EachTask {
  readonly act: (id: number) => Promise<TaskView>;
  /** What people read about a task after the act. */
  readonly textOf: (task: TaskView) => string;
  /** The exit code of a task after the act; absent: 0. */
  readonly exitCodeOf?: (task: TaskView) => number;
}

/** How `--json` prints: `one`: a single task as itself, several as `{ tasks, refused }`. `list`: always the latter. */
export type EachTaskJson = 'one' | 'list' | 'none';

/** Reads numbers of tasks, each once. Throws USAGE before anything is done when one of them is none. */
export function parseTaskIds(given: readonly string[]): readonly number[] {
  return [...new Set(given.map(parseTaskId))];
}

/**
 * Does the same to several tasks, one after the other. A task that is refused is reported and does not stop the
 * others; the exit code is that of the worst. With one task, and when no request can succeed, the error is thrown.
 */
export async function eachTask(
  ids: readonly number[],
  { act, textOf, exitCodeOf: codeOf }: EachTask,
  json: EachTaskJson,
  context: CliContext,
): Promise<void> {
  const tasks: TaskView[] = [];
  const refused: RefusedTask[] = [];
  let worst: number = EXIT_CODE.OK;
  for (const id of ids) {
    try {
      const task = await act(id);
      tasks.push(task);
      worst = Math.max(worst, codeOf?.(task) ?? EXIT_CODE.OK);
      if (json === 'none') context.out.write(`${textOf(task)}\n`);
    } catch (error) {
      if (ids.length === 1 || !isAboutOneTask(error)) throw error;
      refused.push({ id, code: error.code, message: error.message });
      worst = Math.max(worst, exitCodeOf(error));
      context.err.write(errorText(error));
    }
  }
  const [only] = tasks;
  if (json === 'one' && ids.length === 1 && only) writeJson(context, only);
  else if (json !== 'none') writeJson(context, { tasks, refused });
  if (worst !== EXIT_CODE.OK) context.setExitCode(worst);
}

function isAboutOneTask(error: unknown): error is ServerRefusal {
  return error instanceof ServerRefusal && error.status !== 401 && error.status < 500;
}
