import type { JSX } from 'preact';
import type { TaskView } from '../../api/tasks/task-views.ts';
import type { BuildStepView } from '../../api/tasks/build-views.ts';
import { secondsFromTo, showAge, showSeconds } from '../format.ts';
import { now } from '../server/connection.ts';
import { isEnded } from '../status-words.ts';

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
        <li key={step.number} class={CLASSES[outcomeOf(step, task)]}>
          <b class="clip">{step.name}</b>
          {sayOf(step, task)}
        </li>
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

type Outcome = 'done' | 'failed' | 'now' | 'lost';

/** While a build runs, the exit code of a step that is over is not known; a build goes on after a success only. */
function outcomeOf({ exitCode, endedAt }: BuildStepView, task: TaskView): Outcome {
  if (exitCode !== null) return exitCode === 0 ? 'done' : 'failed';
  if (!isEnded(task)) return endedAt === null ? 'now' : 'done';
  return endedAt === null ? 'lost' : task.failedStep ? 'failed' : 'done';
}

const CLASSES: Readonly<Record<Outcome, string>> = { done: 'done', failed: 'bad', now: 'now', lost: 'bad' };

function sayOf(step: BuildStepView, task: TaskView): string {
  const took = showSeconds(secondsFromTo(step.startedAt, step.endedAt));
  switch (outcomeOf(step, task)) {
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
