import type { JSX } from 'preact';
import type { GroupView } from '../../api/groups/group-views.ts';
import type { TaskSummary } from '../../api/tasks/task-views.ts';
import { installation } from '../app/status-poll.ts';
import { plural, showAge, showCount, showRunning } from '../format.ts';
import { now } from '../server/connection.ts';
import { waitBreakdown } from './gate-text.ts';
import { listPauses, pauseOrigin } from './list-pauses.ts';

interface QueueFiguresProps {
  readonly groups: readonly GroupView[];
  /** The tasks that wait, or the newest of them. */
  readonly tasks: readonly TaskSummary[];
  /** How many wait. */
  readonly count: number;
}

export function QueueFigures({ groups, tasks, count }: QueueFiguresProps): JSX.Element {
  const isWhole = count <= tasks.length;
  const since = ({ stateSince, createdAt }: TaskSummary): string => stateSince ?? createdAt;
  const oldest = isWhole ? [...tasks].sort((a, b) => Date.parse(since(a)) - Date.parse(since(b)))[0] : undefined;
  const oldestAt = oldest ? since(oldest) : oldestQueuedAt(groups);
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  const slots = {
    running: sum(groups.map(({ running }) => running)),
    maxRunning: sum(groups.map(({ maxRunning }) => maxRunning)),
  };
  const busy = groups.filter(({ running }) => running > 0).length;
  const pauses = installation.value ? listPauses(installation.value.pauses) : null;
  return (
    <dl class="figs card">
      <div>
        <dt>Waiting</dt>
        <dd>
          {showCount(count)}
          {tasks.length > 0 && (
            <small>
              {!isWhole && `of the newest ${showCount(tasks.length)}: `}
              {waitBreakdown(tasks)}
            </small>
          )}
        </dd>
      </div>
      <div>
        <dt>Oldest wait</dt>
        <dd>
          {oldestAt === null ? '–' : showAge(now.value - Date.parse(oldestAt))}
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
          {groups.length === 0 ? '–' : showRunning(slots)}
          <small>
            {groups.length === 0 ? 'there are no groups yet' : `in ${busy} of ${plural(groups.length, 'group')}`}
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

function oldestQueuedAt(groups: readonly GroupView[]): string | null {
  const times = groups.flatMap(({ oldestQueuedAt }) => oldestQueuedAt ?? []);
  return times.length === 0
    ? null
    : times.reduce((oldest, time) => (Date.parse(time) < Date.parse(oldest) ? time : oldest));
}
