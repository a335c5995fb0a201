import type { JSX } from 'preact';
import type { GroupView } from '../../api/groups/group-views.ts';
import type { TaskSummary } from '../../api/tasks/task-views.ts';
import { installation } from '../app/status-poll.ts';
import { plural, showAge } from '../format.ts';
import { now } from '../server/connection.ts';
import { waitBreakdown } from './gate-text.ts';
import { listPauses, pauseOrigin } from './list-pauses.ts';

interface QueueFiguresProps {
  readonly groups: readonly GroupView[];
  readonly tasks: readonly TaskSummary[];
}

export function QueueFigures({ groups, tasks }: QueueFiguresProps): JSX.Element {
  const oldest = [...tasks].sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt))[0];
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  const busy = groups.filter(({ running }) => running > 0).length;
  const pauses = installation.value ? listPauses(installation.value.pauses) : null;
  return (
    <dl class="figs card">
      <div>
        <dt>Waiting</dt>
        <dd>
          {tasks.length}
          {tasks.length > 0 && <small>{waitBreakdown(tasks)}</small>}
        </dd>
      </div>
      <div>
        <dt>Oldest wait</dt>
        <dd>
          {oldest ? showAge(now.value - Date.parse(oldest.stateSince ?? oldest.createdAt)) : '–'}
          {oldest && (
            <small>
              <a class="link" href={`/tasks/${oldest.id}`}>
                task {oldest.id}
              </a>
            </small>
          )}
        </dd>
      </div>
      <div>
        <dt>Places taken</dt>
        <dd>
          {sum(groups.map(({ running }) => running))} of {sum(groups.map(({ maxRunning }) => maxRunning))}
          <small>
            in {busy} of {plural(groups.length, 'group')}
          </small>
        </dd>
      </div>
      <div>
        <dt>Pauses</dt>
        <dd>
          {pauses?.length ?? '–'}
          {pauses?.map((pause) => (
            <small key={pause.group}>
              {[pause.group === null ? 'everything' : `group ${pause.group}`, pause.type, pauseOrigin(pause, now.value)]
                .filter((word) => word !== '')
                .join(', ')}
            </small>
          ))}
        </dd>
      </div>
    </dl>
  );
}
