import { z } from 'zod';
import { TaskView } from '../../api/tasks/task-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { ServerRefusal } from '../client/server-refusal.ts';
import { errorText } from '../error-text.ts';
import { EXIT_CODE, exitCodeOf } from '../exit-code.ts';
import { parseTaskId } from './client-command.ts';

/** A task for which the control plane refused the request. */
const RefusedTask = z.object({ id: z.int(), code: z.string(), message: z.string() });
type RefusedTask = z.infer<typeof RefusedTask>;

/** What `--json` prints of several tasks. */
export const TaskResults = z.object({ tasks: z.array(TaskView), refused: z.array(RefusedTask) });

export interface EachTask {
  readonly act: (id: number) => Promise<TaskView>;
  /** Returns the text for people about a task after the change. */
  readonly textOf: (task: TaskView) => string;
  /** Returns the exit code for a task after the change; absent: 0. */
  readonly exitCodeOf?: (task: TaskView) => number;
}

/** How `--json` prints: `one`: a single task as itself, several as `{ tasks, refused }`. `list`: always the latter. */
export type EachTaskJson = 'one' | 'list' | 'none';

/** Reads task ids and removes duplicates. Throws USAGE, before anything is changed, when a text is not an id. */
export function parseTaskIds(given: readonly string[]): readonly number[] {
  return [...new Set(given.map(parseTaskId))];
}

/**
 * Changes several tasks, one after the other. A refused task is reported and does not stop the others; the exit code is the worst
 * one. With a single task, and when no request can succeed, the error is thrown.
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
