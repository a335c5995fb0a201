import type { JSX } from 'preact';
import { plural, showAge } from '../format.ts';
import { Problem, Section } from '../parts/section.tsx';
import { now } from '../server/connection.ts';
import { usePolled } from '../server/poll.ts';
import { api, bodyOf } from '../server/request.ts';
import { byFault, type FaultGroup } from './by-fault.ts';

const CAUSES_MS = 10_000;

/** Why tasks have failed in the last 24 hours, by whose doing it was. */
export function Causes(): JSX.Element | null {
  const { value, problem } = usePolled(() => bodyOf(api.GET('/v1/causes')), CAUSES_MS);
  if (problem !== null) return <Problem what="The causes could not be read" error={problem} />;
  if (value === null) return null;
  const groups = byFault(value.causes);
  const failed = groups.reduce((sum, { count }) => sum + count, 0);
  return (
    <Section
      id="causes"
      title="Failures"
      end={`${failed === 0 ? 'none' : plural(failed, 'task')} in the last 24 hours`}
    >
      {failed === 0 ? (
        <p class="card pad muted">No task has failed in the last 24 hours.</p>
      ) : (
        <FaultTable groups={groups} />
      )}
    </Section>
  );
}

function FaultTable({ groups }: { readonly groups: readonly FaultGroup[] }): JSX.Element {
  const most = Math.max(1, ...groups.flatMap(({ causes }) => causes.map(({ count }) => count)));
  return (
    <div class="card tbl-wrap" tabIndex={0} role="region" aria-label="Failures by fault">
      <table class="tbl">
        <thead>
          <tr>
            <th>Fault</th>
            <th>Cause</th>
            <th class="num">Tasks</th>
            <th>
              <span class="sr">Share</span>
            </th>
            <th class="num">Last</th>
          </tr>
        </thead>
        <tbody>
          {groups.flatMap(({ fault, words, count, causes }) =>
            causes.map(({ cause, count: times, lastAt, lastTaskId }, index) => (
              <tr key={`${fault} ${cause}`}>
                <td data-l="Fault">
                  <span class={index === 0 ? '' : 'again'}>
                    <b>{words}</b>
                    {causes.length > 1 && <span class="muted">, {count}</span>}
                  </span>
                </td>
                <td data-l="Cause" class="nowrap">
                  {cause === null ? (
                    'not said'
                  ) : (
                    <a class="link" href={failuresOf(cause, fault)}>
                      {cause}
                    </a>
                  )}
                </td>
                <td data-l="Tasks" class="num">
                  {times}
                </td>
                <td data-l="">
                  <span class="meter">
                    <span style={{ '--w': `${(times / most) * 100}%` }} />
                  </span>
                </td>
                <td data-l="Last" class="num">
                  <a class="link" href={`/tasks/${lastTaskId}`}>
                    task {lastTaskId}
                  </a>
                  , {showAge(now.value - Date.parse(lastAt))} ago
                </td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </div>
  );
}

function failuresOf(cause: string, fault: string | null): string {
  return `/?${new URLSearchParams(fault === null ? { cause } : { cause, fault })}`;
}
