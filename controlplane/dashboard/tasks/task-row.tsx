import type { JSX } from 'preact';
import type { TaskSummary } from '../../api/tasks/task-views.ts';
import { showAge, showInstant } from '../format.ts';
import { StatusWord } from '../parts/icons.tsx';
import { now } from '../server/connection.ts';
import { rankWord } from '../queue/queue-order.ts';
import { isEnded, isInQueue, statusWordOf, toneOf } from '../status-words.ts';
import { sourceName } from './source-name.ts';
import { Duration } from './duration.tsx';

export interface TaskRowProps {
  readonly task: TaskSummary;
  readonly isSelected: boolean;
  readonly position: number;
  readonly count: number;
  readonly onSelect: (id: number) => void;
  /** The pointer or the focus came onto the row (its id) or left it (null). */
  readonly onTouch: (id: number | null) => void;
}

export function TaskRow({ task, isSelected, position, count, onSelect, onTouch }: TaskRowProps): JSX.Element {
  const { id, title, kind, group, startedAt, source } = task;
  return (
    <li
      class="row"
      data-task={id}
      aria-setsize={count}
      aria-posinset={position}
      onMouseEnter={() => onTouch(id)}
      onMouseLeave={() => onTouch(null)}
      onFocusCapture={() => onTouch(id)}
      onBlurCapture={() => onTouch(null)}
    >
      <label class="check">
        <input type="checkbox" aria-label={`Select task ${id}`} checked={isSelected} onChange={() => onSelect(id)} />
      </label>
      <div class="c-status">
        <StatusWord status={statusWordOf(task)} />
      </div>
      <div class="c-task">
        <div class="t clip">
          <a href={`/tasks/${id}`} aria-label={`${title}, task ${id}, ${statusWordOf(task).word}`}>
            {title}
          </a>
        </div>
        <div class="src clip">
          #{id} · {source ? sourceName(source.repository) : kind}
          {source?.branch && (
            <>
              {' '}
              · <span class="mono">{source.branch}</span>
            </>
          )}
        </div>
      </div>
      <div class="c-state">
        <div class="clip">{stateLine(task)}</div>
        <div class={`why clip ${toneOf(task)}`} title={task.why}>
          {whyLine(task)}
        </div>
      </div>
      <div class="c-group clip">{group}</div>
      <Duration task={task} />
      <div class="c-when num muted">{startedAt === null ? 'not yet' : showInstant(startedAt, now.value)}</div>
    </li>
  );
}

function stateLine(task: TaskSummary): string {
  if (isEnded(task)) return task.cause ?? task.state ?? '–';
  if (isInQueue(task)) {
    const rank = rankWord(task);
    return `since ${showAge(now.value - Date.parse(task.stateSince ?? task.createdAt))}${rank === null ? '' : ` · ${rank}`}`;
  }
  const since = task.stateSince === null ? '' : ` · ${showAge(now.value - Date.parse(task.stateSince))}`;
  return task.state === null ? '–' : `${task.state}${since}`;
}

/** The reason alone where the status word already says that it waits. */
function whyLine(task: TaskSummary): string {
  const { waitsBecause, step } = task;
  if (step) return `Step ${step.number} of ${step.of}: ${step.name}`;
  if (isEnded(task) || waitsBecause === null) return task.why;
  return `${waitsBecause.charAt(0).toUpperCase()}${waitsBecause.slice(1)}`;
}
