import type { TaskView } from '../../api/tasks/task-views.ts';
import { secondsFromTo, showSeconds } from '../format.ts';
import { hasFailed } from '../status-words.ts';
import type { OutputSection } from './output/output-lines.ts';

/** The end of a step that was under way when its build was ended from outside. */
export const DID_NOT_END = 'did not end';

export interface SectionEnd {
  readonly shape: 'ok' | 'bad' | 'term' | 'run';
  readonly word: 'Succeeded' | 'Failed' | 'Did not end' | 'Running';
  readonly took: string;
}

/** What decides how a step stands beside its marks in the output. */
export interface SectionFacts {
  readonly task: Pick<TaskView, 'steps' | 'status' | 'exitStatus'> | null;
  /** Everything was received that will ever be there. */
  readonly isComplete: boolean;
  /** The step is of the last container, as those of the task are. */
  readonly isLatest: boolean;
}

/**
 * Decides how a step of the output stands. The mark of its end may be missing although it ended, where output was lost; what
 * the task says of the step counts then, so that all of a page says the same.
 */
export function sectionEnd(section: OutputSection, { task, isComplete, isLatest }: SectionFacts): SectionEnd {
  const { event, number, took } = section;
  const step = isLatest ? task?.steps.find((one) => one.event === event && one.number === number) : undefined;
  const outcome = outcomeOf(section, isComplete, step?.outcome ?? null);
  switch (outcome) {
    case 'done':
    case 'failed': {
      const known = took ?? showSeconds(secondsFromTo(step?.startedAt ?? null, step?.endedAt ?? null));
      return {
        shape: outcome === 'done' ? 'ok' : 'bad',
        word: outcome === 'done' ? 'Succeeded' : 'Failed',
        took: known,
      };
    }
    case 'lost':
      return { shape: task && hasFailed(task) ? 'bad' : 'term', word: 'Did not end', took: DID_NOT_END };
    case 'running':
      return { shape: 'run', word: 'Running', took: '' };
  }
}

type Outcome = NonNullable<TaskView['steps'][number]['outcome']>;

function outcomeOf(section: OutputSection, isComplete: boolean, told: Outcome | null): Outcome {
  if (section.outcome !== 'running') return section.outcome;
  // The task tells of a step that runs a moment later than the output.
  if (told !== null && (isComplete || told !== 'running')) return told === 'running' ? 'lost' : told;
  return isComplete ? 'lost' : 'running';
}
