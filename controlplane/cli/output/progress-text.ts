import { assertNever } from '../../../shared/model/assert-never.ts';
import { formatSeconds } from '../../../shared/model/units.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import { oneLine } from './text.ts';

/**
 * Prints what a task does now, for a line that is drawn again each second, like `running step 2 of 4 "test" for 31 s`.
 */
export function progressText(task: TaskView, now: Date): string {
  if (task.status === 'COMPLETE') return 'ended';
  const since = (at: string | null): string => forHowLong(at, now);
  if (task.isTerminating) return `being terminated${since(task.stateSince)}`;
  if (task.isPaused) return `paused${since(task.stateSince)}`;
  const { waiting, step, state, stateSince } = task;
  // An action that somebody has to take is more important than the phase of the task.
  if (waiting && (task.phase === 'queued' || waiting.remedy !== null)) {
    return `waiting${since(waiting.since ?? stateSince)}: ${oneLine(waiting.sentence)}`;
  }
  const inState = state === null ? '' : ` (${oneLine(state)})`;
  switch (task.phase) {
    case 'queued':
      return `waiting for its turn${since(stateSince)}`;
    case 'starting':
      return `starting${inState}${since(stateSince)}`;
    case 'running':
      if (step) return `running step ${step.number} of ${step.of} "${oneLine(step.name)}"${since(step.since)}`;
      return `running${inState}${since(stateSince)}`;
    case 'ending':
    case 'ended':
      return `ending${inState}${since(stateSince)}`;
    default:
      return assertNever(task.phase);
  }
}

/** Returns a duration in whole seconds, never a negative one: the clocks of this machine and of the database may differ. */
function forHowLong(at: string | null, now: Date): string {
  if (at === null) return '';
  return ` for ${formatSeconds(Math.max(0, Math.floor((now.getTime() - Date.parse(at)) / 1000)))}`;
}
