import { isSuccess, type ExitStatus } from '../../../../shared/model/status.ts';
import { AFTER_FAILURE, type KnownStep } from './build-progress.ts';
import type { BuildStepView, StepOutcome } from './build-views.ts';

export interface BuildEndFacts {
  readonly isEnded: boolean;
  readonly exitStatus: ExitStatus;
  /** Why the task ended, in one word. */
  readonly cause: string | null;
  /** The steps are from the record of the build tool, which knows the end of each step that had one. */
  readonly isRecorded: boolean;
}

/** Returns the steps, each with its outcome. */
export function withOutcomes(steps: readonly KnownStep[], end: BuildEndFacts): BuildStepView[] {
  return steps.map((step, index) => ({ ...step, outcome: stepOutcome(step, steps[index + 1], end) }));
}

/**
 * Decides the outcome of a step. The exit code comes from the record of the build tool. A container that was ended from outside
 * leaves no record; then only the headers tell which step was under way.
 */
export function stepOutcome(step: KnownStep, next: KnownStep | undefined, end: BuildEndFacts): StepOutcome {
  const { exitCode, endedAt, event } = step;
  if (exitCode !== null) return exitCode === 0 ? 'done' : 'failed';
  if (end.isRecorded) return end.isEnded || endedAt !== null ? 'lost' : 'running';
  // A build goes on after a success only, and steps of fail-on-build run because the one before them failed.
  if (next) return next.event === AFTER_FAILURE && event !== AFTER_FAILURE ? 'failed' : 'done';
  if (endedAt === null) return end.isEnded ? 'lost' : 'running';
  if (isSuccess(end.exitStatus) || end.exitStatus === 'NOT_FINISHED') return 'done';
  return endedByItself(event, end.cause);
}

/** The outcome of the last step of a build that ended by itself and left no record: the step failed, or the push after all steps did. */
function endedByItself(event: string, cause: string | null): StepOutcome {
  if (cause === 'push-rejected' || cause === 'push-failed') return 'done';
  if (cause !== 'build-failed') return 'lost';
  return event === AFTER_FAILURE ? 'done' : 'failed';
}
