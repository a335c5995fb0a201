import { exitStatusOf, isFailure } from '../../../../shared/model/status.ts';
import type { ReceivedStepHeader } from '../../../../shared/protocol/step-header.ts';
import { AFTER_FAILURE, buildSteps, failedStep, isRecorded } from './build-progress.ts';
import type { BuildStepView, FailedStepView } from './build-views.ts';
import { withOutcomes } from './step-outcome.ts';

/** The row of a task. */
interface BuildTask {
  readonly memory: Readonly<Record<string, unknown>>;
  readonly completedAt: Date | null;
  readonly exitStatus: number;
  readonly cause: string | null;
}

/** The row of its container. */
interface BuildContainer {
  readonly resolvedAt: Date | null;
  readonly buildSteps: readonly ReceivedStepHeader[] | null;
}

/** Returns what is known of the steps of a build task, and the step at which it failed. */
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

/** The stop of a container may be noticed some seconds after its task has ended, but no step lasts longer than the task. */
function earlierOf(one: Date | null, other: Date | null): Date | null {
  if (!one || !other) return one ?? other;
  return one < other ? one : other;
}
