import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { GroupsAnswer, GroupView } from '../../api/groups/group-views.ts';
import type { TaskSummary } from '../../api/tasks/task-views.ts';
import { Footer } from '../app/footer.tsx';
import { installation } from '../app/status-poll.ts';
import { plural, showAge } from '../format.ts';
import { ask } from '../parts/confirm.tsx';
import { Problem } from '../parts/section.tsx';
import { now } from '../server/connection.ts';
import { pollNow, usePoll } from '../server/poll.ts';
import { requestJson, RequestRefused } from '../server/request.ts';
import { mayDo } from '../server/session.ts';
import { GroupCard } from './group-card.tsx';
import { IdleGroups } from './idle-groups.tsx';
import { inQueueOrder } from './queue-order.ts';
import { readQueue } from './read-queue.ts';

const QUEUE_MS = 2_000;

/** What waits, in which order, and why. */
export function QueuePage(): JSX.Element {
  const groups = useSignal<readonly GroupView[] | null>(null);
  const tasks = useSignal<readonly TaskSummary[]>([]);
  const problem = useSignal<string | null>(null);
  usePoll(async () => {
    try {
      const [answer, queue] = await Promise.all([requestJson<GroupsAnswer>('GET', '/v1/groups'), readQueue()]);
      groups.value = answer.groups;
      tasks.value = queue;
      problem.value = null;
    } catch (error) {
      if (error instanceof RequestRefused) problem.value = error.message;
      throw error;
    }
  }, QUEUE_MS);
  useEffect(() => void (document.title = 'Queue · Wip'), []);
  const all = groups.value ?? [];
  const waiting = all.filter(({ queued, name }) => queued > 0 || tasks.value.some(({ group }) => group === name));
  return (
    <>
      <div class="head">
        <h1>Queue</h1>
        {groups.value && <p class="muted">{headLine(all, waiting, tasks.value)}</p>}
        {mayDo('operator') && <PauseAll />}
      </div>
      {problem.value !== null && <Problem what="The queue could not be read" error={problem.value} />}
      {groups.value && <QueueFigures groups={all} tasks={tasks.value} />}
      {waiting.map((group) => (
        <GroupCard
          key={group.name}
          group={group}
          tasks={inQueueOrder(tasks.value.filter((task) => task.group === group.name))}
        />
      ))}
      <IdleGroups groups={all.filter((group) => !waiting.includes(group))} />
      <Footer keys={[]} />
    </>
  );
}

function headLine(all: readonly GroupView[], waiting: readonly GroupView[], tasks: readonly TaskSummary[]): string {
  if (tasks.length === 0) return 'Nothing waits.';
  return `${plural(tasks.length, 'task')} ${tasks.length === 1 ? 'waits' : 'wait'} in ${waiting.length} of ${plural(all.length, 'group')}.`;
}

function PauseAll(): JSX.Element {
  const isPaused = Boolean(installation.value?.pauses.global);
  const change = async (method: 'PUT' | 'DELETE', query = ''): Promise<void> => {
    await requestJson(method, `/v1/tasks/pause${query}`);
    pollNow();
  };
  return (
    <div class="btns end">
      {isPaused ? (
        <button type="button" class="btn main" onClick={() => void change('DELETE').catch(() => undefined)}>
          Resume everything
        </button>
      ) : (
        <button
          type="button"
          class="btn"
          onClick={() =>
            ask({
              title: 'Pause everything?',
              text: 'No task of any group starts until it is resumed. Those that have started go on.',
              action: 'Pause everything',
              isDangerous: false,
              run: () => change('PUT', '?type=soft'),
            })
          }
        >
          Pause everything…
        </button>
      )}
    </div>
  );
}

interface QueueFiguresProps {
  readonly groups: readonly GroupView[];
  readonly tasks: readonly TaskSummary[];
}

function QueueFigures({ groups, tasks }: QueueFiguresProps): JSX.Element {
  const oldest = [...tasks].sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt))[0];
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  const busy = groups.filter(({ running }) => running > 0).length;
  const pauses = installation.value?.pauses;
  const pausedGroups = Object.entries(pauses?.groups ?? {});
  const count = pausedGroups.length + (pauses?.global ? 1 : 0);
  return (
    <dl class="figs card">
      <div>
        <dt>Waiting</dt>
        <dd>{tasks.length}</dd>
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
          {count}
          <small>
            {[
              ...(pauses?.global ? [`everything, ${pauses.global}`] : []),
              ...pausedGroups.map(([name, type]) => `group ${name}, ${type}`),
            ].join('; ')}
          </small>
        </dd>
      </div>
    </dl>
  );
}
