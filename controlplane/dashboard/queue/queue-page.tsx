import type { JSX } from 'preact';
import type { GroupView } from '../../api/groups/group-views.ts';
import type { TaskSummary } from '../../api/tasks/task-views.ts';
import { Footer } from '../app/footer.tsx';
import { installation } from '../app/status-poll.ts';
import { plural } from '../format.ts';
import { Problem } from '../parts/section.tsx';
import { StateSwitch } from '../parts/state-switch.tsx';
import { useTitle } from '../parts/use-title.ts';
import { usePolled } from '../server/poll.ts';
import { api, bodyOf } from '../server/request.ts';
import { mayDo } from '../server/session.ts';
import { GroupCard } from './group-card.tsx';
import { IdleGroups } from './idle-groups.tsx';
import { QueueFigures } from './queue-figures.tsx';
import { inQueueOrder } from './queue-order.ts';
import { readQueue } from './read-queue.ts';

const QUEUE_MS = 2_000;
const NOTHING = { groups: [], tasks: [], isWhole: true };

/** What waits, in which order, and why. */
export function QueuePage(): JSX.Element {
  const { value, problem } = usePolled(async () => {
    const [{ groups }, queue] = await Promise.all([bodyOf(api.GET('/v1/groups')), readQueue()]);
    return { groups, ...queue };
  }, QUEUE_MS);
  useTitle('Queue');
  const { groups, tasks, isWhole } = value ?? NOTHING;
  const count = countWaiting(groups, tasks, isWhole);
  const waiting = groups.filter(({ queued, name }) => queued > 0 || tasks.some(({ group }) => group === name));
  const queueOf = (name: string): TaskSummary[] => inQueueOrder(tasks.filter(({ group }) => group === name));
  return (
    <>
      <div class="head">
        <h1>Queue</h1>
        {value && <p class="muted">{headLine(groups, waiting, count)}</p>}
        {mayDo('operator') && <PauseAll />}
      </div>
      {problem !== null && <Problem what="The queue could not be read" error={problem} />}
      {value && <QueueFigures groups={groups} tasks={tasks} count={count} />}
      {waiting.map((group) => (
        <GroupCard key={group.name} group={group} tasks={queueOf(group.name)} />
      ))}
      <IdleGroups groups={groups.filter((group) => !waiting.includes(group))} />
      <Footer keys={[]} />
    </>
  );
}

/** The groups are counted a moment before the tasks are read, and so only where there are more than are read. */
function countWaiting(groups: readonly GroupView[], tasks: readonly TaskSummary[], isWhole: boolean): number {
  if (isWhole) return tasks.length;
  return groups.reduce((sum, { queued }) => sum + queued, 0);
}

function headLine(all: readonly GroupView[], waiting: readonly GroupView[], count: number): string {
  if (count === 0) return 'Nothing waits.';
  const what = `${plural(count, 'task')} ${count === 1 ? 'waits' : 'wait'}`;
  // The groups are read beside the tasks: the first task of a group may come before it.
  if (waiting.length === 0) return `${what}.`;
  return `${what} in ${waiting.length} of ${plural(all.length, 'group')}.`;
}

function PauseAll(): JSX.Element {
  return (
    <StateSwitch
      isOn={Boolean(installation.value?.pauses.global)}
      end={{ action: 'Resume everything', run: () => api.DELETE('/v1/tasks/pause') }}
      begin={{
        title: 'Pause everything?',
        text: 'No task of any group starts until it is resumed. Those that have started go on.',
        action: 'Pause everything',
        isDangerous: false,
        run: () => api.PUT('/v1/tasks/pause', { params: { query: { type: 'soft' } } }),
      }}
    />
  );
}
