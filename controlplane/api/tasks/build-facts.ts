import { exitStatusOf, isFailure } from '../../../shared/model/status.ts';
import type { AttemptRow, TaskRow } from '../../store/schema.ts';
import { AFTER_FAILURE, buildSteps, failedStep, isRecorded } from './build-progress.ts';
import type { BuildStepView, FailedStepView } from './build-views.ts';
import { withOutcomes } from './step-outcome.ts';

type BuildTask = Pick<TaskRow, 'memory' | 'completedAt' | 'exitStatus' | 'cause'>;
type BuildContainer = Pick<AttemptRow, 'resolvedAt' | 'buildSteps'>;

/** Returns what is known of the steps of a task that builds, and at which of them it failed. */
export function buildFacts(
  { memory, completedAt, exitStatus: status, cause }: BuildTask,
  current: BuildContainer | undefined,
): { steps: BuildStepView[]; failedStep: FailedStepView | null } {
  const noted = memory['steps'];
  const exitStatus = exitStatusOf(status);
  const isEnded = completedAt !== null;
  const endedAt = earlierOf(current?.resolvedAt ?? null, completedAt)?.toISOString() ?? null;
  const steps = withOutcomes(buildSteps(noted, current?.buildSteps ?? [], endedAt), {
    ...{ isEnded, exitStatus, cause },
    isRecorded: isRecorded(noted),
  });
  // A push comes after all steps have succeeded.
  const hasSucceeded = steps.findLast(({ event }) => event !== AFTER_FAILURE)?.outcome === 'done';
  return { steps, failedStep: failedStep(noted, steps, isEnded && isFailure(exitStatus) && !hasSucceeded) };
}

/** A container may be seen to have stopped some seconds after its task has ended, and no step lasts longer than the task. */
function earlierOf(one: Date | null, other: Date | null): Date | null {
  if (!one || !other) return one ?? other;
  return one < other ? one : other;
}
