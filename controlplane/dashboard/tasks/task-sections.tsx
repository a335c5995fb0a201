import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { TaskSummary } from '../../api/tasks/task-views.ts';
import { showAge, plural } from '../format.ts';
import { VirtualList } from '../parts/virtual-list.tsx';
import { now } from '../server/connection.ts';
import type { TaskList } from './task-list.ts';
import { orderOf, sectionOf, type ListSection } from './task-filter.ts';
import { TaskRow } from './task-row.tsx';

interface TaskSectionsProps {
  readonly list: TaskList;
  readonly selected: ReadonlySet<number>;
  readonly onSelect: (id: number) => void;
}

const SECTIONS: readonly { readonly name: ListSection; readonly title: string }[] = [
  { name: 'going-on', title: 'Going on' },
  { name: 'queued', title: 'Queued' },
  { name: 'ended', title: 'Ended' },
];

export function TaskSections({ list, selected, onSelect }: TaskSectionsProps): JSX.Element {
  const { live, ended, held } = list.tasks.value;
  const touched = useRef<{ id: number; section: ListSection } | null>(null);
  const sectionNow = (task: TaskSummary): ListSection =>
    touched.current?.id === task.id ? touched.current.section : sectionOf(task);
  const bySection = Object.groupBy([...live, ...ended], sectionNow);
  // A row that the pointer or the focus is on stays in its section until they leave it.
  const touch = (id: number | null): void => {
    const task = id === null ? undefined : [...live, ...ended].find((one) => one.id === id);
    touched.current = task ? { id: task.id, section: sectionNow(task) } : null;
  };
  return (
    <>
      {held.length > 0 && (
        <button type="button" class="btn new-tasks" onClick={() => showHeld(list)}>
          {plural(held.length, 'new task')}
        </button>
      )}
      <div class="list">
        <ListHead />
        {SECTIONS.map(({ name, title }) => {
          const tasks = (bySection[name] ?? []).sort(orderOf(name));
          if (tasks.length === 0) return null;
          return [
            <div class="list-group" key={`${name}-head`}>
              <h2>{title}</h2>
              <p>{noteOf(name, tasks, list)}</p>
            </div>,
            <VirtualList
              key={name}
              label={title}
              count={tasks.length}
              renderRow={(index) => {
                const task = tasks[index]!;
                return (
                  <TaskRow
                    key={task.id}
                    task={task}
                    isSelected={selected.has(task.id)}
                    position={index + 1}
                    count={tasks.length}
                    onSelect={onSelect}
                    onTouch={touch}
                  />
                );
              }}
            />,
          ];
        })}
      </div>
      <MoreButton list={list} />
    </>
  );
}

function showHeld(list: TaskList): void {
  list.showHeld();
  scrollTo({ top: 0 });
}

function ListHead(): JSX.Element {
  return (
    <div class="list-head" aria-hidden="true">
      <span />
      <span>Status</span>
      <span>Task</span>
      <span>State and why</span>
      <span>Group</span>
      <span>Duration</span>
      <span class="num">Started</span>
    </div>
  );
}

function noteOf(section: ListSection, tasks: readonly TaskSummary[], list: TaskList): string {
  if (section === 'ended')
    return list.nextCursor.value === null ? plural(tasks.length, 'task') : `the last ${tasks.length}`;
  const since = tasks.map(({ startedAt, stateSince, createdAt }) =>
    Date.parse((section === 'queued' ? stateSince : startedAt) ?? createdAt),
  );
  const longest = showAge(now.value - Math.min(...since));
  return `${plural(tasks.length, 'task')} · ${section === 'queued' ? `oldest waits ${longest}` : `longest ${longest}`}`;
}

/** Reads on by itself as soon as it comes near the screen. */
function MoreButton({ list }: { readonly list: TaskList }): JSX.Element | null {
  const button = useRef<HTMLButtonElement>(null);
  const cursor = list.nextCursor.value;
  useEffect(() => {
    if (!button.current) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) void list.more().catch(() => undefined); // the poll says so
      },
      { rootMargin: '800px' },
    );
    observer.observe(button.current);
    return () => observer.disconnect();
  }, [list, cursor]);
  if (!cursor) return null;
  return (
    <p class="more">
      <button ref={button} type="button" class="btn" onClick={() => void list.more().catch(() => undefined)}>
        {list.isLoadingMore.value ? 'Reading…' : 'Show more'}
      </button>
    </p>
  );
}
