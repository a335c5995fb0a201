import { OperationalError } from '../../../shared/model/error.ts';
import type { StepHeader } from '../../../shared/protocol/step-header.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import { oneLine } from '../output/text.ts';
import type { KnownSteps } from './cut-steps.ts';

type Step = Pick<StepHeader, 'event' | 'number' | 'name'>;

/** Returns whether a step was asked for. */
export type StepChoice = (step: Step) => boolean;

const AFTER_FAILURE = 'fail-on-build';

/**
 * Reads the value of `--step`: a name, or a number as in the headers, optionally after `EVENT:`. A number without an event never
 * means a step of fail-on-build, which are numbered separately.
 */
export function readStepChoice(given: string): StepChoice {
  const [, event, inEvent] = /^(build|fail-on-build|post-deploy|pr-merged|pr-closed):(.+)$/s.exec(given) ?? [];
  const wanted = inEvent ?? given;
  const number = /^[1-9]\d{0,5}$/.test(wanted) ? Number(wanted) : undefined;
  return (step) => {
    if (event !== undefined && step.event !== event) return false;
    if (number === undefined) return step.name === wanted;
    return step.number === number && (event !== undefined || step.event !== AFTER_FAILURE);
  };
}

/** Returns the choice of the step at which the task failed; null when no step failed. */
export function chooseFailedStep({ failedStep }: Pick<TaskView, 'failedStep'>): StepChoice | null {
  if (!failedStep) return null;
  const { event, number, name } = failedStep;
  return (step) => step.event === event && step.number === number && step.name === name;
}

/** Throws USAGE when the task has no such step and cannot get one any more. */
export function checkStepChoice(task: TaskView, given: string, choice: StepChoice): void {
  if (task.status !== 'COMPLETE' || task.steps.some(choice)) return;
  const names = task.steps.map(({ event, number, name }) => `${event}:${number} ${oneLine(name)}`);
  throw new OperationalError('USAGE', {
    happened: `Task ${task.id} has run no step "${oneLine(given)}"`,
    remedy: names.length === 0 ? 'It ended before its first step' : `Its steps were ${names.join(', ')}`,
  });
}

/**
 * Returns the known steps of a task. While it runs, every line that looks like a header counts; after its end, only headers that
 * the record of the build tool confirms. That record is of the last container.
 */
export function knownSteps({ status, steps, attempts }: TaskView): KnownSteps {
  const attempt = Math.max(0, ...attempts.map(({ number }) => number));
  const recorded = status === 'COMPLETE' ? steps.filter(({ offset }) => offset !== null) : [];
  const headers = recorded.map(({ event, number, of, name, offset }) => ({
    ...{ event, number, name },
    of: of ?? number,
    offset: offset ?? 0,
  }));
  const offsets = new Set(headers.map(({ offset }) => offset));
  return {
    isHeader: (header, ofAttempt) => ofAttempt >= attempt && (offsets.size === 0 || offsets.has(header.offset)),
    stepAt: (offset) => headers.findLast((header) => header.offset <= offset),
  };
}
