import { useRoute } from 'preact-iso/router';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { openDialog } from '../app/app-dialogs.tsx';
import { Footer } from '../app/footer.tsx';
import { Empty } from '../parts/section.tsx';
import { useTitle } from '../parts/use-title.ts';
import type { RequestRefused } from '../server/request.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import { hasGates } from '../queue/gate-text.ts';
import { useQueueOf } from '../queue/follow-queue.ts';
import { statusWordOf } from '../status-words.ts';
import { Attempts } from './attempts/attempts.tsx';
import { FindByUuid } from './find-by-uuid.tsx';
import { LogView } from './output/log-view.tsx';
import { Needs } from './needs.tsx';
import { Neighbours } from './neighbours.tsx';
import { Resources } from './resources/resources.tsx';
import { StateGraph } from './states/state-graph.tsx';
import { TaskActions } from './task-actions.tsx';
import { TaskData } from './task-data.ts';
import { TaskLog } from './task-log.tsx';
import { Timeline } from './timeline.tsx';
import { Verdict } from './verdict/verdict.tsx';
import { Witnesses } from './attempts/witnesses.tsx';

const KEYS_BELOW = [
  ['/', 'search the output'],
  ['f', 'follow'],
  ['[ ]', 'previous, next step'],
  ['y', 'copy link to line'],
] as const;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** As far as a number of JavaScript is exact. */
const NUMBER = /^[1-9]\d{0,14}$/;

export function TaskPage(): JSX.Element {
  const { id = '' } = useRoute().params;
  if (UUID.test(id)) return <FindByUuid uuid={id} />;
  return NUMBER.test(id) ? <TaskOfNumber id={Number(id)} /> : <NoNumber id={id} />;
}

function TaskOfNumber({ id }: { readonly id: number }): JSX.Element {
  const data = useMemo(() => new TaskData(id), [id]);
  useEffect(() => data.start(), [data]);
  const task = data.task.value;
  useTitle(titleOf(id, { task, refusal: data.refusal.value }));
  if (data.refusal.value) return <NotThere id={id} refusal={data.refusal.value} />;
  if (!task) return <p class="muted late">Reading task {id}…</p>;
  return <Shown task={task} data={data} />;
}

function titleOf(
  id: number,
  { task, refusal }: { readonly task: TaskView | null; readonly refusal: RequestRefused | null },
): string {
  if (refusal) return refusalTitle(id, refusal);
  return task ? `${statusWordOf(task).word}: ${task.why} · #${task.id}` : `Task ${id}`;
}

function refusalTitle(id: number, { status }: RequestRefused): string {
  return status === 404 || status === 422 ? `There is no task ${id}` : `Task ${id} cannot be shown`;
}

function NoNumber({ id }: { readonly id: string }): JSX.Element {
  const title = `${id} is no number of a task`;
  useTitle(title);
  return (
    <Empty title={title}>
      <p>A task has a number, such as 7, and a longer identifier.</p>
      <WaysOn />
    </Empty>
  );
}

function Shown({ task, data }: { readonly task: TaskView; readonly data: TaskData }): JSX.Element {
  // A task that was restarted waits again, and has its earlier output.
  const isHeld = hasGates(task);
  const queue = useQueueOf(task.id, isHeld).value;
  // The version is read for the page to be drawn again: the output itself is no signal.
  const hasOutput = data.outputVersion.value > 0 && data.output.count > 0;
  const wasStarted = task.startedAt !== null || hasOutput;
  return (
    <>
      <div class="crumb">
        <a href="/">Tasks</a>
        <span>/</span>
        <span>#{task.id}</span>
        <Neighbours id={task.id} />
      </div>
      <div class="task-head">
        <div>
          <h1>{task.title}</h1>
          <SourceLine task={task} />
        </div>
        <TaskActions task={task} />
      </div>
      <Verdict task={task} data={data} queue={queue} />
      <Jumps task={task} hasNeeds={isHeld} />
      {isHeld && queue && <Needs task={task} queue={queue} />}
      {wasStarted && (
        <>
          <div class="cols">
            <Timeline task={task} data={data} />
            <Resources task={task} data={data} />
          </div>
          <div class="cols">
            <LogView data={data} />
            <Witnesses data={data} />
          </div>
        </>
      )}
      <div class="gap-b">
        <StateGraph task={task} data={data} />
      </div>
      <div class="gap-b">
        <Attempts task={task} data={data} />
      </div>
      <TaskLog task={task} data={data} />
      <Footer keys={KEYS_BELOW} />
    </>
  );
}

function SourceLine({ task }: { readonly task: TaskView }): JSX.Element {
  const { source } = task;
  const commit = source?.commit ?? task.builtCommit;
  return (
    <p class="src">
      {source && <span>{source.repository}</span>}
      {source?.branch && <span class="mono">{source.branch}</span>}
      {commit && <span class="mono">{commit.slice(0, 7)}</span>}
      <span>{task.kind}</span>
    </p>
  );
}

function Jumps({ task, hasNeeds }: { readonly task: TaskView; readonly hasNeeds: boolean }): JSX.Element {
  const places = [
    ['why', 'Why'],
    ...(hasNeeds ? [['needs', 'What has to happen']] : []),
    ...(task.startedAt === null
      ? []
      : [
          ['time', 'Timeline'],
          ['output', 'Output'],
        ]),
    ['states', 'States'],
    ['attempts', 'Attempts'],
    ['log', 'Log'],
    ['json', 'JSON'],
  ] as const;
  return (
    <nav class="jumps" aria-label="On this page">
      {places.map(([id, word]) => (
        <a key={id} href={`#${id}`}>
          {word}
        </a>
      ))}
    </nav>
  );
}

function NotThere({ id, refusal }: { readonly id: number; readonly refusal: RequestRefused }): JSX.Element {
  const isUnknown = refusal.status === 404 || refusal.status === 422;
  return (
    <Empty title={refusalTitle(id, refusal)}>
      <p>
        {isUnknown ? 'Or it belongs to somebody else, or it ended long enough ago to be removed.' : refusal.message}
      </p>
      <WaysOn />
      {refusal.requestId !== null && (
        <p class="mono">
          {refusal.code} · {refusal.requestId}
        </p>
      )}
    </Empty>
  );
}

function WaysOn(): JSX.Element {
  return (
    <div class="btns center">
      <a class="btn main" href="/">
        All tasks
      </a>
      <button type="button" class="btn" onClick={() => openDialog('go')}>
        Go to a task… <kbd>g</kbd>
      </button>
    </div>
  );
}
