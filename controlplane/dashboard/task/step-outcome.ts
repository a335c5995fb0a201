import type { BuildStepView } from '../../api/tasks/build-views.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import { hasFailed, isEnded } from '../status-words.ts';

/** `lost`: it was under way when the build was ended from outside. */
export type StepOutcome = 'done' | 'failed' | 'now' | 'lost';

type OutcomeFacts = Pick<TaskView, 'status' | 'exitStatus' | 'failedStep'>;

/**
 * Decides how a step of the build stands. The exit code of a step is known when the record of the build tool is; a container
 * that was ended leaves none. `isLast`: no later step is known. A build goes on after a success only.
 */
export function stepOutcome(step: BuildStepView, isLast: boolean, task: OutcomeFacts): StepOutcome {
  const { exitCode, endedAt, number, event } = step;
  if (exitCode !== null) return exitCode === 0 ? 'done' : 'failed';
  if (!isLast) return 'done';
  if (!isEnded(task)) return endedAt === null ? 'now' : 'done';
  if (task.failedStep?.number === number && task.failedStep.event === event) return 'failed';
  return endedAt === null || hasFailed(task) || task.exitStatus === 'TERMINATED' ? 'lost' : 'done';
}
