import type { JSX } from 'preact';
import type { OutputSection } from './output-lines.ts';
import type { TaskData } from './task-data.ts';

/** The steps of the build, from the marks in its output: done, now, failed; those to come without a name. */
export function BuildSteps({ data }: { readonly data: TaskData }): JSX.Element | null {
  void data.outputVersion.value; // the store itself is no signal
  const steps = data.output.sections.filter(({ event }) => event === 'build');
  const last = steps.at(-1);
  if (!last) return null;
  const toCome = Array.from({ length: Math.max(0, last.of - last.number) }, (_, index) => last.number + index + 1);
  const isComplete = data.isComplete.value;
  return (
    <ol class="steps" aria-label="Steps of the build">
      {steps.map((step) => (
        <li key={step.key} class={classOf(step, isComplete)}>
          <b class="clip">{step.name}</b>
          {sayOf(step, isComplete)}
        </li>
      ))}
      {toCome.map((number) => (
        <li key={number}>
          <b class="clip">step {number}</b>
          {isComplete ? 'not run' : 'to come'}
        </li>
      ))}
    </ol>
  );
}

function classOf({ outcome }: OutputSection, isComplete: boolean): string {
  if (outcome === 'done') return 'done';
  return outcome === 'failed' || isComplete ? 'bad' : 'now';
}

function sayOf({ outcome, took }: OutputSection, isComplete: boolean): string {
  if (outcome === 'done') return took ?? '';
  if (outcome === 'failed') return `failed after ${took ?? ''}`;
  return isComplete ? 'did not end' : 'running';
}
