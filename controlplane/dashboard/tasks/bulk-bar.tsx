import type { JSX } from 'preact';
import type { TaskSummary } from '../../api/tasks/task-views.ts';
import { plural } from '../format.ts';
import { useAttempt } from '../parts/attempt.tsx';
import { ask } from '../parts/confirm.tsx';
import { AWAY_REASON, isAway } from '../server/connection.ts';
import { pollNow } from '../server/poll.ts';
import { mayDo } from '../server/session.ts';
import { isEnded } from '../status-words.ts';
import { actOnTasks, type TaskVerb } from './act-on-tasks.ts';

interface BulkBarProps {
  readonly tasks: readonly TaskSummary[];
  readonly onClear: () => void;
}

/** What can be done to all selected tasks at once. */
export function BulkBar({ tasks, onClear }: BulkBarProps): JSX.Element | null {
  const { attempt, refusal } = useAttempt();
  if (tasks.length === 0 || !mayDo('submitter')) return null;
  const isLost = isAway.value;
  const live = tasks.filter((task) => !isEnded(task));
  const run = (action: TaskVerb, on: readonly TaskSummary[]): Promise<void> =>
    actOnTasks(
      action,
      on.map(({ id }) => id),
    );
  const pausable = live.filter(({ isPaused }) => !isPaused);
  const paused = live.filter(({ isPaused }) => isPaused);
  return (
    <div class="bulk open" role="region" aria-label="Selected tasks" aria-live="polite">
      <b>{tasks.length} selected</b>
      <div class="btns" {...(isLost && { title: AWAY_REASON })}>
        <button
          type="button"
          class="btn"
          disabled={isLost || pausable.length === 0}
          onClick={() => attempt(() => run('pause', pausable))}
        >
          Pause
        </button>
        <button
          type="button"
          class="btn"
          disabled={isLost || paused.length === 0}
          onClick={() => attempt(() => run('resume', paused))}
        >
          Resume
        </button>
        <button
          type="button"
          class="btn danger"
          disabled={isLost || live.length === 0}
          onClick={() => askToTerminate(live, () => run('terminate', live).then(pollNow))}
        >
          Terminate…
        </button>
        <button type="button" class="btn bare" aria-label="Clear the selection" onClick={onClear}>
          ✕
        </button>
      </div>
      {refusal}
    </div>
  );
}

export function askToTerminate(tasks: readonly TaskSummary[], run: () => Promise<void>): void {
  const [only] = tasks;
  ask({
    title: tasks.length === 1 ? `Terminate task ${only?.id}?` : `Terminate ${plural(tasks.length, 'task')}?`,
    text:
      tasks.length === 1
        ? `“${only?.title}” of the group ${only?.group} is ended, and its container is stopped. It can be restarted from its beginning.`
        : 'They are ended, and their containers are stopped. Each can be restarted from its beginning.',
    action: 'Terminate',
    isDangerous: true,
    run,
  });
}
