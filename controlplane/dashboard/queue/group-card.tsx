import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { GroupView } from '../../api/groups/group-views.ts';
import type { TaskSummary } from '../../api/tasks/task-views.ts';
import { showAge } from '../format.ts';
import { ask } from '../parts/confirm.tsx';
import { StatusIcon } from '../parts/icons.tsx';
import { now } from '../server/connection.ts';
import { pollNow } from '../server/poll.ts';
import { requestJson } from '../server/request.ts';
import { mayDo } from '../server/session.ts';
import { splitReason } from './queue-order.ts';
import { Slots } from './slots.tsx';

/** So many rows say how a group stands; the rest is in the list of tasks. */
const SHOWN = 20;

interface GroupCardProps {
  readonly group: GroupView;
  readonly tasks: readonly TaskSummary[];
}

/** A group in which tasks wait: its places, and the tasks in the order in which they will start. */
export function GroupCard({ group, tasks }: GroupCardProps): JSX.Element {
  const oldest = Math.min(...tasks.map((task) => Date.parse(task.stateSince ?? task.createdAt)));
  return (
    <section class="grp card" aria-labelledby={`group-${group.name}`}>
      <div class="grp-head">
        <h2 id={`group-${group.name}`}>{group.name}</h2>
        <Slots running={group.running} maxRunning={group.maxRunning} />
        <span class="lbl">
          <b>
            {group.running} of {group.maxRunning}
          </b>{' '}
          running
        </span>
        <span class="lbl">
          <b>{group.queued}</b> waiting
        </span>
        {tasks.length > 0 && (
          <span class="lbl">
            oldest <b>{showAge(now.value - oldest)}</b>
          </span>
        )}
        {group.pause !== null && (
          <span class="st st-pause">
            <StatusIcon shape="pause" />
            Paused, {group.pause}
          </span>
        )}
        {mayDo('operator') && <GroupActions group={group} />}
      </div>
      {tasks.length > 0 && <QueueTable group={group.name} tasks={tasks} />}
    </section>
  );
}

export function GroupActions({ group }: { readonly group: GroupView }): JSX.Element {
  const [problem, setProblem] = useState<string | null>(null);
  const name = encodeURIComponent(group.name);
  const change = async (method: 'PUT' | 'DELETE', path: string, body?: unknown): Promise<void> => {
    await requestJson(method, path, body);
    pollNow();
  };
  const resume = (): void => {
    change('DELETE', `/v1/tasks/pause?groups=${name}`).catch((error: unknown) => setProblem(String(error)));
  };
  const askPause = (): void =>
    ask({
      title: `Pause the group ${group.name}?`,
      text: 'Nothing of it starts until it is resumed. Tasks that have started go on.',
      action: 'Pause',
      isDangerous: false,
      run: () => change('PUT', `/v1/tasks/pause?groups=${name}&type=soft`),
    });
  const askLimit = (): void =>
    ask({
      title: `How many tasks may ${group.name} run at once?`,
      text: 'Fewer than run now: those go on, and the next starts when enough have ended.',
      action: 'Save',
      isDangerous: false,
      input: { label: 'Places', initial: String(group.maxRunning), kind: 'number' },
      run: (text) =>
        change('PUT', `/v1/groups/${name}`, { maxRunning: Number(text), retentionDays: group.retentionDays }),
    });
  return (
    <div class="btns end">
      {problem !== null && (
        <span class="err-text" role="alert">
          {problem}
        </span>
      )}
      {group.pause === null ? (
        <button type="button" class="btn" aria-label={`Pause… the group ${group.name}`} onClick={askPause}>
          Pause…
        </button>
      ) : (
        <button type="button" class="btn main" aria-label={`Resume the group ${group.name}`} onClick={resume}>
          Resume
        </button>
      )}
      <button type="button" class="btn" aria-label={`Limit… of the group ${group.name}`} onClick={askLimit}>
        Limit…
      </button>
    </div>
  );
}

function QueueTable({ group, tasks }: { readonly group: string; readonly tasks: readonly TaskSummary[] }): JSX.Element {
  return (
    <div class="tbl-wrap" tabIndex={0} role="region" aria-label={`Queue of ${group}`}>
      <table class="tbl">
        <thead>
          <tr>
            <th class="num">Position</th>
            <th>Task</th>
            <th>Priority</th>
            <th>Waits</th>
            <th>Why</th>
          </tr>
        </thead>
        <tbody>
          {tasks.slice(0, SHOWN).map((task, index) => (
            <tr key={task.id}>
              <td data-l="Position" class="num">
                {index + 1}
              </td>
              <td data-l="Task">
                <a href={`/tasks/${task.id}`}>
                  {task.id} {task.title}
                </a>
              </td>
              <td data-l="Priority">{task.isPrioritised ? 'first' : task.priority.toLowerCase()}</td>
              <td data-l="Waits" class="nowrap">
                {showAge(now.value - Date.parse(task.stateSince ?? task.createdAt))}
              </td>
              <td data-l="Why">
                <Reason task={task} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {tasks.length > SHOWN && (
        <p class="more">
          <a class="btn" href={`/?status=queued&group=${encodeURIComponent(group)}`}>
            All {tasks.length}
          </a>
        </p>
      )}
    </div>
  );
}

function Reason({ task }: { readonly task: TaskSummary }): JSX.Element {
  const reason = task.waitsBecause ?? task.why;
  const { before, taskId, after } = splitReason(`${reason.charAt(0).toUpperCase()}${reason.slice(1)}`);
  if (taskId === null) return <>{before}</>;
  return (
    <>
      {before}
      <a class="link" href={`/tasks/${taskId}`}>
        {taskId}
      </a>
      {after}
    </>
  );
}
