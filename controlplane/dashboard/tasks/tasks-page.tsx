import { useSignal } from '@preact/signals';
import { useLocation } from 'preact-iso/router';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { Footer } from '../app/footer.tsx';
import { useKeys } from '../app/keys.ts';
import { plural } from '../format.ts';
import { Problem } from '../parts/section.tsx';
import { useTitle } from '../parts/use-title.ts';
import { isEnded } from '../status-words.ts';
import { BulkBar } from './bulk-bar.tsx';
import { useLiveList } from './follow-list.ts';
import { FilterBar } from './filter-bar.tsx';
import { NoTasks } from './no-tasks.tsx';
import { addressOf, parseFilter } from './task-filter.ts';
import { TaskList } from './task-list.ts';
import { TaskSections } from './task-sections.tsx';

/** Further down than this somebody reads, and new tasks must not push the rows away. */
const READING_FROM_PX = 200;
const KEYS_BELOW = [
  ['j k', 'next, previous'],
  ['x', 'select'],
  ['Enter', 'open'],
  ['/', 'filter'],
] as const;

export function TasksPage(): JSX.Element {
  const { query } = useLocation();
  const address = addressOf(parseFilter(query));
  const filter = useMemo(() => parseFilter(query), [address]);
  const list = useMemo(() => new TaskList(filter, () => (scrollY > READING_FROM_PX ? 'hold' : 'show')), [filter]);
  const selected = useSignal<ReadonlySet<number>>(new Set());
  useLiveList(list);
  useTitle('Tasks');
  const shown = [...list.tasks.value.live, ...list.tasks.value.ended];
  const select = (id: number): void => {
    const next = new Set(selected.value);
    if (!next.delete(id)) next.add(id);
    selected.value = next;
  };
  useKeys(useMemo(() => listKeys(select), []));
  return (
    <>
      <div class="head">
        <h1>Tasks</h1>
        <p class="muted">{headLine(list)}</p>
      </div>
      <FilterBar
        filter={filter}
        list={{ ...list.tasks.value, isTruncated: list.isTruncated.value, nextCursor: list.nextCursor.value }}
      />
      {list.problem.value !== null && <Problem what="The tasks could not be read" error={list.problem.value} />}
      {shown.length === 0 && list.problem.value === null ? (
        <NoTasks list={list} filter={filter} />
      ) : (
        <TaskSections list={list} selected={selected.value} onSelect={select} />
      )}
      <BulkBar
        tasks={shown.filter(({ id }) => selected.value.has(id))}
        onClear={() => void (selected.value = new Set())}
      />
      <Footer keys={KEYS_BELOW} />
    </>
  );
}

function headLine({ tasks, isTruncated }: TaskList): string {
  const { live } = tasks.value;
  const queued = live.filter(({ startedAt }) => startedAt === null).length;
  const going = live.filter((task) => !isEnded(task)).length - queued;
  if (isTruncated.value) return `The newest ${plural(live.length, 'task')} that go on or wait are shown.`;
  return live.length === 0
    ? ''
    : `${going} ${going === 1 ? 'goes' : 'go'} on, ${queued} ${queued === 1 ? 'waits' : 'wait'}.`;
}

function rowLinks(): HTMLAnchorElement[] {
  return [...document.querySelectorAll<HTMLAnchorElement>('.row .t a')];
}

function listKeys(select: (id: number) => void): Parameters<typeof useKeys>[0] {
  const move = (by: 1 | -1): void => {
    const links = rowLinks();
    const at = links.findIndex((link) => link === document.activeElement);
    const next = at === -1 ? links.find((link) => link.getBoundingClientRect().top > 0) : links[at + by];
    next?.focus();
    next?.closest('.row')?.scrollIntoView({ block: 'nearest' });
  };
  return {
    j: { label: 'next task', run: () => move(1) },
    k: { label: 'previous task', run: () => move(-1) },
    x: {
      label: 'select the task',
      run: () => {
        const id = document.activeElement?.closest<HTMLElement>('.row')?.dataset['task'];
        if (id !== undefined) select(Number(id));
      },
    },
    '/': { label: 'filter', run: () => document.getElementById('filter-text')?.focus() },
  };
}
