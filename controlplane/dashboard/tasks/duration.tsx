import type { JSX } from 'preact';
import type { TaskSummary } from '../../api/tasks/task-views.ts';
import { secondsFromTo, showSeconds } from '../format.ts';
import { now } from '../server/connection.ts';
import { isEnded } from '../status-words.ts';
import { againstUsual } from './against-usual.ts';

/** How long the task has been running, or ran, against what is usual: the tick of the bar is the median. */
export function Duration({ task }: { readonly task: TaskSummary }): JSX.Element {
  const end = task.completedAt ?? (task.startedAt === null ? null : Math.max(now.value, Date.parse(task.startedAt)));
  const seconds = secondsFromTo(task.startedAt, end);
  if (seconds === null) return <div class="c-dur faint">–</div>;
  const usual = againstUsual(seconds, task.usualSeconds, isEnded(task) ? 'ended' : 'running');
  return (
    <div class="c-dur">
      <div class="dur">
        <span>{showSeconds(seconds)}</span>
        {usual && <i class={usual.isSlow ? 'slow' : ''}>{usual.say}</i>}
        {usual && (
          <span class={isEnded(task) ? 'track' : 'track run'}>
            <span style={{ '--w': `${usual.percent}%` }} />
          </span>
        )}
      </div>
    </div>
  );
}
