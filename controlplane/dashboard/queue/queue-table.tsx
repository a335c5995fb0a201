import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { TaskSummary } from '../../api/tasks/task-views.ts';
import { showAge, showCount } from '../format.ts';
import { now } from '../server/connection.ts';
import { useQueueOf, useQueueOfGroup } from './follow-queue.ts';
import { GateList } from './gate-list.tsx';
import { startTextOf } from './gate-text.ts';
import { rowsOfGroup, splitReason, type GroupRow } from './queue-order.ts';

/** This many rows show how a group stands; the rest is in the list of tasks. */
const SHOWN = 20;
const COLUMNS = 7;

interface QueueTableProps {
  readonly group: string;
  /** How many wait, as the group counts them. */
  readonly queued: number;
  /** What waits, in the order in which they start, as far as the list of tasks has it. */
  readonly tasks: readonly TaskSummary[];
}

/** The tasks of a group that wait, each with all its gates when one asks for them. */
export function QueueTable({ group, queued, tasks }: QueueTableProps): JSX.Element {
  const queue = useQueueOfGroup(group, SHOWN);
  const waiting = Math.max(tasks.length, queue?.of ?? 0, queued);
  return (
    <div class="tbl-wrap" tabIndex={0} role="region" aria-label={`Queue of ${group}`}>
      <table class="tbl queue-tbl">
        <thead>
          <tr>
            <th class="num">Position</th>
            <th>Task</th>
            <th>Priority</th>
            <th>Waits</th>
            <th>Why</th>
            <th>Starts about</th>
            <th>
              <span class="sr">Gates</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rowsOfGroup(queue, tasks, SHOWN).map((row) => (
            <QueueRow key={row.task.id} {...row} />
          ))}
        </tbody>
      </table>
      {waiting > SHOWN && (
        <p class="more">
          <a class="btn" href={`/?status=queued&group=${encodeURIComponent(group)}`}>
            All {showCount(waiting)}
          </a>
        </p>
      )}
    </div>
  );
}

function QueueRow({ task, queued }: GroupRow): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const panel = `gates-${task.id}`;
  return (
    <>
      <tr>
        <td data-l="Position" class="num">
          {queued?.position ?? '–'}
        </td>
        <td data-l="Task">
          <a href={`/tasks/${task.id}`}>
            {task.id} {task.title}
          </a>
        </td>
        <td data-l="Priority" class="nowrap">
          {task.isPrioritised ? 'first' : task.priority.toLowerCase()}
        </td>
        <td data-l="Waits" class="nowrap">
          {showAge(now.value - Date.parse(task.stateSince ?? task.createdAt))}
        </td>
        <td data-l="Why">
          <Reason task={task} />
        </td>
        <td data-l="Starts about" class="nowrap">
          {startOf({ task, queued }, now.value) ?? '–'}
        </td>
        <td data-l="" class="num">
          <button
            type="button"
            class="btn bare"
            aria-expanded={isOpen}
            aria-controls={panel}
            aria-label={`Gates of task ${task.id}`}
            onClick={() => setOpen(!isOpen)}
          >
            Gates
          </button>
        </td>
      </tr>
      {isOpen && (
        <tr class="of-row" id={panel}>
          <td colSpan={COLUMNS}>
            <GatesOf id={task.id} />
          </td>
        </tr>
      )}
    </>
  );
}

function startOf({ task, queued }: GroupRow, nowMs: number): string | null {
  if (queued) return startTextOf(queued, nowMs);
  return task.status === 'NOT_READY' ? 'when released' : null;
}

function GatesOf({ id }: { readonly id: number }): JSX.Element {
  const view = useQueueOf(id, true).value;
  if (view === null) return <p class="muted late">Reading its gates…</p>;
  return <GateList gates={view.gates} />;
}

function Reason({ task }: { readonly task: TaskSummary }): JSX.Element {
  const reason = task.waitsBecause ?? task.why;
  const { before, taskId, after } = splitReason(`${reason.charAt(0).toUpperCase()}${reason.slice(1)}`);
  if (taskId === null) return <>{before}</>;
  return (
    <>
      {before}
      <a class="link" href={`/tasks/${taskId}`}>
        {taskId}
      </a>
      {after}
    </>
  );
}
