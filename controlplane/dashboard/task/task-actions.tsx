import type { JSX } from 'preact';
import { useAttempt } from '../parts/attempt.tsx';
import { AWAY_REASON, isAway } from '../server/connection.ts';
import { mayDo, session } from '../server/session.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import { isEnded } from '../status-words.ts';
import { actOnTask, type TaskVerb } from '../tasks/act-on-tasks.ts';
import { askToTerminate } from '../tasks/bulk-bar.tsx';

/** What can be done to the task; a button that does nothing now is there, and says why it does nothing. */
export function TaskActions({ task }: { readonly task: TaskView }): JSX.Element {
  const { attempt, refusal } = useAttempt();
  const reason = refusalOf(task);
  const isOver = isEnded(task);
  const act = (verb: TaskVerb): void => attempt(() => actOnTask(verb, task.id));
  const button = (word: string, verb: TaskVerb, isUseful: boolean, kind = ''): JSX.Element => (
    <button
      type="button"
      class={`btn ${kind}`}
      disabled={!isUseful || reason !== null}
      title={reason ?? undefined}
      onClick={() => (verb === 'terminate' ? askToTerminate([task], () => actOnTask('terminate', task.id)) : act(verb))}
    >
      {word}
    </button>
  );
  return (
    <div>
      <div class="btns">
        {isOver && button('Restart', 'restart', true, 'main')}
        {task.isPaused && !isOver ? button('Resume', 'resume', true, 'main') : button('Pause', 'pause', !isOver)}
        {button(isOver ? 'Terminate' : 'Terminate…', 'terminate', !isOver && !task.isTerminating, 'danger')}
        {!isOver && button('Restart', 'restart', false)}
      </div>
      {refusal}
    </div>
  );
}

function refusalOf(task: TaskView): string | null {
  if (isAway.value) return AWAY_REASON;
  if (mayDo('operator')) return null;
  if (!mayDo('submitter')) return 'This needs the role submitter, and your token is a viewer’s.';
  return task.createdBy === session.value?.name
    ? null
    : 'This needs the role operator: the task belongs to somebody else.';
}
