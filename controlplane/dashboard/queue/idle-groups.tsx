import type { JSX } from 'preact';
import type { GroupView } from '../../api/groups/group-views.ts';
import { plural, showSeconds, showRunning } from '../format.ts';
import { Section } from '../parts/section.tsx';
import { mayDo } from '../server/session.ts';
import { GroupActions } from './group-card.tsx';
import { PauseWord } from './pause-word.tsx';
import { Slots } from './slots.tsx';

export function IdleGroups({ groups }: { readonly groups: readonly GroupView[] }): JSX.Element | null {
  if (groups.length === 0) return null;
  return (
    <div class="idle-groups">
      <Section id="idle" title="Groups where nothing waits">
        <div class="card tbl-wrap" tabIndex={0} role="region" aria-label="Places and pauses of these groups">
          <table class="tbl">
            <thead>
              <tr>
                <th>Group</th>
                <th>Places</th>
                <th class="num">Running</th>
                <th class="num">Usual wait</th>
                <th class="num">Kept</th>
                <th>Pause</th>
                {mayDo('operator') && (
                  <th>
                    <span class="sr">Actions</span>
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {groups.map((group) => (
                <tr key={group.name}>
                  <td data-l="Group">
                    <b>{group.name}</b>
                  </td>
                  <td data-l="Places">
                    <Slots running={group.running} maxRunning={group.maxRunning} />
                  </td>
                  <td data-l="Running" class="num">
                    {showRunning(group)}
                  </td>
                  <td data-l="Usual wait" class="num">
                    {showSeconds(group.usualWait?.medianSeconds ?? null)}
                  </td>
                  <td data-l="Kept" class="num">
                    {plural(group.retentionDays, 'day')}
                  </td>
                  <td data-l="Pause">
                    <PauseWord group={group} />
                  </td>
                  {mayDo('operator') && (
                    <td data-l="">
                      <GroupActions group={group} />
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Section>
    </div>
  );
}
