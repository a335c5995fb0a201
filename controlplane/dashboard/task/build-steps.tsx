import type { JSX } from 'preact';
import type { TaskView } from '../../api/tasks/task-views.ts';
import type { BuildStepView } from '../../api/tasks/build-views.ts';
import { secondsFromTo, showAge, showSeconds } from '../format.ts';
import { now } from '../server/connection.ts';
import { isEnded } from '../status-words.ts';
import { stepOutcome, type StepOutcome } from './step-outcome.ts';

/** The steps of the build: done, now, failed; those to come by their number. */
export function BuildSteps({ task }: { readonly task: TaskView }): JSX.Element | null {
  const steps = task.steps.filter(({ event }) => event === 'build');
  const last = steps.at(-1);
  if (!last) return null;
  const toCome = Array.from(
    { length: Math.max(0, (last.of ?? 0) - last.number) },
    (_, index) => last.number + index + 1,
  );
  return (
    <ol class="steps" aria-label="Steps of the build">
      {steps.map((step) => (
        <Step key={step.number} step={step} outcome={stepOutcome(step, step === last, task)} />
      ))}
      {toCome.map((number) => (
        <li key={number}>
          <b class="clip">step {number}</b>
          {isEnded(task) ? 'not run' : 'to come'}
        </li>
      ))}
    </ol>
  );
}

const CLASSES: Readonly<Record<StepOutcome, string>> = { done: 'done', failed: 'bad', now: 'now', lost: 'bad' };

function Step({ step, outcome }: { readonly step: BuildStepView; readonly outcome: StepOutcome }): JSX.Element {
  return (
    <li class={CLASSES[outcome]}>
      <b class="clip">{step.name}</b>
      {sayOf(step, outcome)}
    </li>
  );
}

function sayOf(step: BuildStepView, outcome: StepOutcome): string {
  const took = showSeconds(secondsFromTo(step.startedAt, step.endedAt));
  switch (outcome) {
    case 'done':
      return took;
    case 'failed':
      return `failed after ${took}`;
    case 'lost':
      return 'did not end';
    case 'now':
      return showAge(now.value - Date.parse(step.startedAt));
  }
}
