import type { JSX } from 'preact';
import type { GroupView } from '../../api/groups/group-views.ts';
import type { TaskSummary } from '../../api/tasks/task-views.ts';
import { showAge, showCount, showSeconds, showRunning } from '../format.ts';
import { unlessAway, useAttempt } from '../parts/attempt.tsx';
import { ask } from '../parts/confirm.tsx';
import { StatusIcon } from '../parts/icons.tsx';
import { now } from '../server/connection.ts';
import { pollNow } from '../server/poll.ts';
import { api } from '../server/request.ts';
import { mayDo } from '../server/session.ts';
import { pauseOrigin } from './list-pauses.ts';
import { QueueTable } from './queue-table.tsx';
import { Slots } from './slots.tsx';

interface GroupCardProps {
  readonly group: GroupView;
  readonly tasks: readonly TaskSummary[];
}

/** A group in which tasks wait: its places, and the tasks in the order in which they will start. */
export function GroupCard({ group, tasks }: GroupCardProps): JSX.Element {
  const origin = pauseOrigin({ since: group.pausedSince ?? null, by: group.pausedBy ?? null }, now.value);
  return (
    <section class="grp card" aria-labelledby={`group-${group.name}`}>
      <div class="grp-head">
        <h2 id={`group-${group.name}`}>{group.name}</h2>
        <Slots running={group.running} maxRunning={group.maxRunning} />
        <span class="lbl">
          <b>{showRunning(group)}</b>
          {group.maxRunning > 0 && ' running'}
        </span>
        <span class="lbl">
          <b>{showCount(group.queued)}</b> waiting
        </span>
        {group.oldestQueuedAt && (
          <span class="lbl">
            oldest <b>{showAge(now.value - Date.parse(group.oldestQueuedAt))}</b>
            {group.usualWait && `, usual ${showSeconds(group.usualWait.medianSeconds)}`}
          </span>
        )}
        {group.pause !== null && (
          <span class="st st-pause">
            <StatusIcon shape="pause" />
            Paused, {group.pause}
          </span>
        )}
        {group.pause !== null && origin !== '' && <span class="lbl">{origin}</span>}
        {mayDo('operator') && <GroupActions group={group} />}
      </div>
      {tasks.length > 0 && <QueueTable group={group.name} queued={group.queued} tasks={tasks} />}
    </section>
  );
}

export function GroupActions({ group }: { readonly group: GroupView }): JSX.Element {
  const { attempt, refusal } = useAttempt();
  const { name } = group;
  const change = async (request: Promise<unknown>): Promise<void> => {
    await request;
    pollNow();
  };
  const resume = (): void => attempt(() => api.DELETE('/v1/tasks/pause', { params: { query: { group: name } } }));
  const askPause = (): void =>
    ask({
      title: `Pause the group ${group.name}?`,
      text: 'Nothing of it starts until it is resumed. Tasks that have started go on.',
      action: 'Pause',
      isDangerous: false,
      run: () => change(api.PUT('/v1/tasks/pause', { params: { query: { group: name, type: 'soft' } } })),
    });
  const askLimit = (): void =>
    ask({
      title: `How many tasks may ${group.name} run at once?`,
      text: 'Fewer than run now: those go on, and the next starts when enough have ended.',
      action: 'Save',
      isDangerous: false,
      input: { label: 'Places', initial: String(group.maxRunning), kind: 'number' },
      run: (text) =>
        change(
          api.PUT('/v1/groups/{name}', {
            params: { path: { name } },
            body: { maxRunning: Number(text), retentionDays: group.retentionDays },
          }),
        ),
    });
  return (
    <div class="btns end">
      {refusal}
      {group.pause === null ? (
        <button
          type="button"
          class="btn"
          aria-label={`Pause… the group ${group.name}`}
          {...unlessAway()}
          onClick={askPause}
        >
          Pause…
        </button>
      ) : (
        <button
          type="button"
          class="btn main"
          aria-label={`Resume the group ${group.name}`}
          {...unlessAway()}
          onClick={resume}
        >
          Resume
        </button>
      )}
      <button
        type="button"
        class="btn"
        aria-label={`Limit… of the group ${group.name}`}
        {...unlessAway()}
        onClick={askLimit}
      >
        Limit…
      </button>
    </div>
  );
}
