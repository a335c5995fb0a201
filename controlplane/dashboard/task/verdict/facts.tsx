import type { ComponentChildren, JSX } from 'preact';
import type { SeenBeforeAnswer } from '../../../api/causes/cause-views.ts';
import type { TaskView } from '../../../api/tasks/task-views.ts';
import { secondsFromTo, showAge, showBytes, showCount, showInstant, showSeconds } from '../../format.ts';
import { now } from '../../server/connection.ts';

interface FactsProps {
  readonly task: TaskView;
  readonly seenBefore: SeenBeforeAnswer | null;
}

/** What is known of a task beside its sentence. */
export function Facts({ task, seenBefore }: FactsProps): JSX.Element {
  const queued = secondsFromTo(task.createdAt, task.startedAt);
  const rows: [string, ComponentChildren][] = [];
  if (task.cause !== null) rows.push(['Cause', <span class="mono">{task.cause}</span>]);
  if (seenBefore !== null && task.cause !== null)
    rows.push(['Seen before', <SeenBefore task={task} seen={seenBefore} />]);
  rows.push([
    'Group',
    [
      <a class="link" href="/queue">
        {task.group}
      </a>,
      `, priority ${task.priority.toLowerCase()}`,
    ],
  ]);
  if (task.createdBy !== null) rows.push(['Added', `${showInstant(task.createdAt, now.value)} by ${task.createdBy}`]);
  if (task.startedAt !== null)
    rows.push(['Started', `${showInstant(task.startedAt, now.value)}, after ${showSeconds(queued)}`]);
  if (task.completedAt !== null) {
    const ago = showAge(now.value - Date.parse(task.completedAt));
    rows.push(['Ended', `${showInstant(task.completedAt, now.value)}, ${ago} ago`]);
  } else if (task.state !== null) rows.push(['State', <span class="mono">{task.state}</span>]);
  const commit = task.source?.commit ?? task.builtCommit;
  if (commit) rows.push(['Source', <span class="mono">{commit.slice(0, 7)}</span>]);
  if (task.artefactCommit !== null)
    rows.push(['Artefact', <span class="mono">{task.artefactCommit.slice(0, 7)}</span>]);
  if (task.usage) rows.push(['Container used', usageText(task.usage)]);
  if (task.clientJobId !== null) rows.push(['Client job', <span class="mono">{task.clientJobId}</span>]);
  return (
    <div>
      <dl class="kv">{rows.map(([name, value]) => [<dt key={name}>{name}</dt>, <dd>{value}</dd>])}</dl>
    </div>
  );
}

interface SeenBeforeProps {
  readonly task: TaskView;
  readonly seen: SeenBeforeAnswer;
}

/** Whether earlier tasks of the group have failed with the same cause: a new failure, or one that goes on. */
function SeenBefore({ task, seen: { count, isMore, lastAt, lastTaskId } }: SeenBeforeProps): JSX.Element {
  if (count === 0) return <>not in this group, as far as its tasks are kept</>;
  const all = `/?${new URLSearchParams({ cause: task.cause ?? '', group: task.group })}`;
  return (
    <>
      <a class="link" href={all}>
        {isMore ? `more than ${showCount(count)} times` : count === 1 ? 'once' : `${showCount(count)} times`}
      </a>{' '}
      in this group
      {lastTaskId !== null && (
        <>
          , last{' '}
          <a class="link" href={`/tasks/${lastTaskId}`}>
            task {lastTaskId}
          </a>
          , {showInstant(lastAt, now.value)}
        </>
      )}
    </>
  );
}

function usageText(usage: NonNullable<TaskView['usage']>): string {
  const parts = [
    `${showSeconds(usage.cpuSeconds)} of processor`,
    `${showBytes(usage.diskPeakBytes ?? usage.diskWorkloadBytes)} of disk`,
    `${showBytes(usage.memoryPeakBytes)} of memory at peak`,
  ];
  return parts.join(', ');
}
