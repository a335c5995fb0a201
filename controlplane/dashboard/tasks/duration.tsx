import type { JSX } from 'preact';
import type { TaskSummary } from '../../api/tasks/task-views.ts';
import { showSeconds, secondsFromTo } from '../format.ts';
import { now } from '../server/connection.ts';

/** How long the task has been running, or ran. */
export function Duration({ task }: { readonly task: TaskSummary }): JSX.Element {
  const end = task.completedAt ?? (task.startedAt === null ? null : Math.max(now.value, Date.parse(task.startedAt)));
  const seconds = secondsFromTo(task.startedAt, end);
  if (seconds === null) return <div class="c-dur faint">–</div>;
  return (
    <div class="c-dur">
      <div class="dur">
        <span>{showSeconds(seconds)}</span>
      </div>
    </div>
  );
}
