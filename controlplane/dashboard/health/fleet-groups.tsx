import type { JSX } from 'preact';
import type { GroupView } from '../../api/groups/group-views.ts';
import { showAge, showSeconds, showRunning } from '../format.ts';
import { Section } from '../parts/section.tsx';
import { PauseWord } from '../queue/pause-word.tsx';
import { Slots } from '../queue/slots.tsx';
import { now } from '../server/connection.ts';
import { longestWaitFirst } from './longest-wait.ts';

/** Every group with what waits in it; the longest wait first. */
export function FleetGroups({ groups }: { readonly groups: readonly GroupView[] }): JSX.Element {
  return (
    <Section
      id="groups"
      title="Groups"
      end={
        <a class="link" href="/queue">
          what waits, and why
        </a>
      }
    >
      <div class="card tbl-wrap" tabIndex={0} role="region" aria-label="Waits and pauses of the groups">
        <table class="tbl">
          <thead>
            <tr>
              <th>Group</th>
              <th>Places</th>
              <th class="num">Running</th>
              <th class="num">Waiting</th>
              <th class="num">Oldest wait</th>
              <th class="num">Usual wait</th>
              <th class="num">95th percentile</th>
              <th>Pause</th>
            </tr>
          </thead>
          <tbody>
            {longestWaitFirst(groups).map((group) => (
              <GroupRow key={group.name} group={group} />
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function GroupRow({ group }: { readonly group: GroupView }): JSX.Element {
  const { name, running, maxRunning, queued, oldestQueuedAt, usualWait } = group;
  const oldestMs = oldestQueuedAt ? now.value - Date.parse(oldestQueuedAt) : null;
  return (
    <tr>
      <td data-l="Group">
        <a class="link" href={`/?group=${encodeURIComponent(name)}`}>
          {name}
        </a>
      </td>
      <td data-l="Places">
        <Slots running={running} maxRunning={maxRunning} />
      </td>
      <td data-l="Running" class="num">
        {showRunning(group)}
      </td>
      <td data-l="Waiting" class="num">
        {queued}
      </td>
      <td data-l="Oldest wait" class="num">
        {showAge(oldestMs)}
      </td>
      <td data-l="Usual wait" class="num">
        {showSeconds(usualWait?.medianSeconds ?? null)}
      </td>
      <td data-l="95th percentile" class="num">
        {showSeconds(usualWait?.p95Seconds ?? null)}
      </td>
      <td data-l="Pause">
        <PauseWord group={group} />
      </td>
    </tr>
  );
}
