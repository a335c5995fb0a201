import type { ComponentChildren, JSX } from 'preact';
import type { QueueView } from '../../../api/queue/queue-views.ts';
import type { TaskView } from '../../../api/tasks/task-views.ts';
import { showAge, showCount, showSeconds } from '../../format.ts';
import { startText } from '../../queue/gate-text.ts';
import { now } from '../../server/connection.ts';

type Figure = readonly [name: string, value: ComponentChildren];

/** How long the task has run, and how long tasks like it do. */
export function NowStep({ task }: { readonly task: TaskView }): JSX.Element {
  const elapsed = task.startedAt === null ? null : (now.value - Date.parse(task.startedAt)) / 1000;
  const usual = task.usualSeconds;
  const left = usual === null || elapsed === null ? null : usual - elapsed;
  const figures: Figure[] = [
    ['Elapsed', showAge(elapsed === null ? null : elapsed * 1000)],
    ...(usual === null ? [] : [['Usually takes', showSeconds(usual)] as const]),
    ...(left !== null && left > 0 ? [['Left by the median', showAge(left * 1000)] as const] : []),
  ];
  return <Figures figures={figures} />;
}

/** Where the task stands in the queue, and when it starts. */
export function QueuePosition({
  task,
  queue,
}: {
  readonly task: TaskView;
  readonly queue: QueueView | null;
}): JSX.Element {
  const usual = task.usualSeconds ?? queue?.usualSeconds ?? null;
  const start = queue && startText(queue, now.value);
  const figures: Figure[] = [
    // A restarted task waits since its restart.
    ['Waits for', showAge(now.value - Date.parse(task.stateSince ?? task.createdAt))],
    ...(queue === null || queue.position === null
      ? []
      : [[`Position in ${task.group}`, `${showCount(queue.position)} of ${showCount(queue.of)}`] as const]),
    ...(start === null ? [] : [['Starts about', start] as const]),
    ...(usual === null ? [] : [['Usually takes', showSeconds(usual)] as const]),
  ];
  return <Figures figures={figures} />;
}

function Figures({ figures }: { readonly figures: readonly Figure[] }): JSX.Element {
  return (
    <dl class="now-step">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
