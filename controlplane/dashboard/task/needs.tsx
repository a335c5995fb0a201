import type { JSX } from 'preact';
import { signal } from '@preact/signals';
import type { GroupsAnswer } from '../../api/groups/group-views.ts';
import { installation } from '../app/status-poll.ts';
import { plural } from '../format.ts';
import { StatusIcon } from '../parts/icons.tsx';
import { Section } from '../parts/section.tsx';
import { Slots } from '../queue/slots.tsx';
import { usePoll } from '../server/poll.ts';
import { requestJson } from '../server/request.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import { gatesOf } from './gates.ts';

const groups = signal<GroupsAnswer | null>(null);
const GROUPS_MS = 2_000;

/** What must hold before the task starts, and whether it does. */
export function Needs({ task }: { readonly task: TaskView }): JSX.Element {
  usePoll(async () => {
    groups.value = await requestJson<GroupsAnswer>('GET', '/v1/groups');
  }, GROUPS_MS);
  const group = groups.value?.groups.find(({ name }) => name === task.group);
  const gates = gatesOf(task, group, installation.value);
  const open = gates.filter(({ holds }) => holds === true).length;
  return (
    <div class="gap-b">
      <Section id="needs" title="What has to happen" end={`${open} of ${gates.length} hold`}>
        <ol class="need card">
          {gates.map(({ title, detail, holds, taskId, slots }) => (
            <li key={title}>
              <span class={holds === null ? 'i-idle' : holds ? 'i-ok' : 'i-warn'}>
                <StatusIcon shape={holds === null ? 'queue' : holds ? 'ok' : 'start'} />
                <span class="sr">{holds === null ? 'Not known' : holds ? 'Holds' : 'Does not hold yet'}</span>
              </span>
              <div>
                <b>
                  {title}
                  {taskId !== null && (
                    <>
                      {' '}
                      <a class="link" href={`/tasks/${taskId}`}>
                        task {taskId}
                      </a>
                    </>
                  )}
                </b>
                <p>{detail}</p>
              </div>
              {slots ? <Slots running={slots.running} maxRunning={slots.maxRunning} /> : <span />}
            </li>
          ))}
        </ol>
        {group && (
          <p class="muted below">
            {plural(group.queued, 'task')} of the group {group.queued === 1 ? 'waits' : 'wait'}.
          </p>
        )}
      </Section>
    </div>
  );
}
