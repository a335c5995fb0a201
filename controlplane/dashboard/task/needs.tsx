import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { GroupView } from '../../api/groups/group-views.ts';
import type { QueueView } from '../../api/queue/queue-views.ts';
import type { TaskSummary, TaskView } from '../../api/tasks/task-views.ts';
import { showAge } from '../format.ts';
import { CommandLine } from '../parts/command.tsx';
import { Section } from '../parts/section.tsx';
import { GateList } from '../queue/gate-list.tsx';
import { usualWaitText, wouldMorePlacesHelp } from '../queue/gate-text.ts';
import { inQueueOrder, rowsAround } from '../queue/queue-order.ts';
import { readQueue } from '../queue/read-queue.ts';
import { slotsTaken, Slots } from '../queue/slots.tsx';
import { now } from '../server/connection.ts';
import { usePoll } from '../server/poll.ts';
import { api, bodyOf } from '../server/request.ts';
import { mayDo } from '../server/session.ts';
import { wordForShell } from './commands.ts';

const GROUP_MS = 2_000;
const QUEUE_MS = 5_000;
/** The neighbours say enough; the page of the queue has the rest. */
const ROWS = 6;

interface NeedsProps {
  readonly task: TaskView;
  readonly queue: QueueView;
}

/** What must hold before the task goes on, and whether it does; beside it, who else waits. */
export function Needs({ task, queue }: NeedsProps): JSX.Element {
  const group = useSignal<GroupView | null>(null);
  usePoll(
    async () => {
      // Reads all groups, because a group without a row of its own would be an error if asked for by name.
      const { groups } = await bodyOf(api.GET('/v1/groups'));
      group.value = groups.find(({ name }) => name === task.group) ?? null;
    },
    GROUP_MS,
    [task.group],
  );
  const open = queue.gates.filter(({ isOpen }) => isOpen).length;
  return (
    <div class={queue.position === null ? 'gap-b' : 'cols even'}>
      <Section
        id="needs"
        title="What has to happen"
        end={queue.gates.length === 0 ? 'Nothing.' : `${open} of ${queue.gates.length} gates are open`}
      >
        <div class="card">
          <GateList gates={queue.gates} />
        </div>
        {group.value && <GroupLine group={group.value} queue={queue} />}
      </Section>
      {queue.position !== null && <Neighbours task={task} position={queue.position} />}
    </div>
  );
}

function GroupLine({ group, queue }: { readonly group: GroupView; readonly queue: QueueView }): JSX.Element {
  const { running, maxRunning, usualWait } = group;
  return (
    <>
      <p class="muted below">
        <Slots running={running} maxRunning={maxRunning} /> {slotsTaken(group)}
        {usualWait && `; ${usualWaitText(usualWait)}`}.
      </p>
      {mayDo('operator') && wouldMorePlacesHelp(queue) && (
        <CommandLine
          title="Another place for its group:"
          command={`wipctl groups ${wordForShell(group.name)} --max ${maxRunning + 1}`}
        />
      )}
    </>
  );
}

interface NeighboursProps {
  readonly task: TaskView;
  readonly position: number;
}

function Neighbours({ task, position: own }: NeighboursProps): JSX.Element | null {
  const tasks = useSignal<readonly TaskSummary[]>([]);
  usePoll(async () => void (tasks.value = inQueueOrder((await readQueue(task.group)).tasks)), QUEUE_MS, [task.group]);
  const rows = rowsAround(tasks.value, { id: task.id, position: own }, ROWS);
  return (
    <Section
      id="queue"
      title={`Queue of ${task.group}`}
      end={
        <a class="link" href="/queue">
          by priority, then age
        </a>
      }
    >
      <div class="card tbl-wrap" tabIndex={0} role="region" aria-label="Tasks around this one">
        <table class="tbl">
          <thead>
            <tr>
              <th class="num">Position</th>
              <th>Task</th>
              <th>Priority</th>
              <th>Waits</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ position, task: { id, title, priority, isPrioritised, stateSince, createdAt } }) => (
              <tr key={id} class={id === task.id ? 'own' : ''} {...(id === task.id && { 'aria-current': true })}>
                <td data-l="Position" class="num">
                  {position}
                </td>
                <td data-l="Task">
                  {id === task.id ? (
                    <b>
                      {id} {title}
                    </b>
                  ) : (
                    <a href={`/tasks/${id}`}>
                      {id} {title}
                    </a>
                  )}
                </td>
                <td data-l="Priority" class="nowrap">
                  {isPrioritised ? 'first' : priority.toLowerCase()}
                </td>
                <td data-l="Waits" class="nowrap">
                  {showAge(now.value - Date.parse(stateSince ?? createdAt))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
