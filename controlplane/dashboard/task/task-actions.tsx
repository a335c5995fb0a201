import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { connection } from '../server/connection.ts';
import { mayDo, session } from '../server/session.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import { isEnded } from '../status-words.ts';
import { actOnTask, type TaskVerb } from '../tasks/act-on-tasks.ts';
import { askToTerminate } from '../tasks/bulk-bar.tsx';

/** What can be done to the task; a button that does nothing now is there, and says why it does nothing. */
export function TaskActions({ task }: { readonly task: TaskView }): JSX.Element {
  const [problem, setProblem] = useState<string | null>(null);
  const refusal = refusalOf(task);
  const isOver = isEnded(task);
  const act = (verb: TaskVerb): void => {
    setProblem(null);
    actOnTask(verb, task.id).then(
      () => {
        if (verb === 'restart') location.reload(); // its recordings begin anew in parts
      },
      (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
    );
  };
  const button = (word: string, verb: TaskVerb, isUseful: boolean, kind = ''): JSX.Element => (
    <button
      type="button"
      class={`btn ${kind}`}
      disabled={!isUseful || refusal !== null}
      title={refusal ?? undefined}
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
      {problem !== null && (
        <p class="err-text" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

function refusalOf(task: TaskView): string | null {
  if (connection.value === 'lost') return 'The node does not answer.';
  if (mayDo('operator')) return null;
  if (!mayDo('submitter')) return 'This needs the role submitter, and your token is a viewer’s.';
  return task.createdBy === session.value?.name
    ? null
    : 'This needs the role operator: the task belongs to somebody else.';
}
