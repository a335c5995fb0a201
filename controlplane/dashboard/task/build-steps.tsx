import type { JSX } from 'preact';
import type { BuildStepView, TaskView } from '../../api/tasks/task-views.ts';
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
        <li key={step.number} class={classOf(step, task)}>
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

function classOf({ exitCode, endedAt }: BuildStepView, task: TaskView): string {
  if (exitCode === 0) return 'done';
  return endedAt !== null || isEnded(task) ? 'bad' : 'now';
}

function sayOf({ startedAt, endedAt, exitCode }: BuildStepView, task: TaskView): string {
  const took = secondsFromTo(startedAt, endedAt);
  if (exitCode === 0) return showSeconds(took);
  if (endedAt !== null) return `failed after ${showSeconds(took)}`;
  return isEnded(task) ? 'did not end' : showAge(now.value - Date.parse(startedAt));
}
