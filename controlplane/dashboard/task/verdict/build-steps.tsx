import type { JSX } from 'preact';
import type { TaskView } from '../../../api/tasks/task-views.ts';
import type { BuildStepView, StepOutcome } from '../../../api/tasks/build/build-views.ts';
import { secondsFromTo, showAge, showSeconds } from '../../format.ts';
import { now } from '../../server/connection.ts';
import { hasFailed, isEnded } from '../../status-words.ts';
import { DID_NOT_END } from '../section-end.ts';

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
        <Step key={step.number} step={step} task={task} />
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

const CLASSES: Readonly<Record<StepOutcome, string>> = { done: 'done', failed: 'bad', running: 'now', lost: 'lost' };

function Step({ step, task }: { readonly step: BuildStepView; readonly task: TaskView }): JSX.Element {
  const outcome = step.outcome ?? 'done';
  // The last step of a build that was terminated did not end, and nothing failed.
  const isBad = outcome === 'lost' && hasFailed(task);
  return (
    <li class={isBad ? 'bad' : CLASSES[outcome]}>
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
      return DID_NOT_END;
    case 'running':
      return showAge(now.value - Date.parse(step.startedAt));
  }
}
