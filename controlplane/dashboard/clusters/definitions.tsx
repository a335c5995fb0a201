import { useLocation } from 'preact-iso/router';
import type { JSX } from 'preact';
import type { DefinitionView } from '../../api/definitions/definition-views.ts';
import { plural, showInstant } from '../format.ts';
import { Problem, Section } from '../parts/section.tsx';
import { now } from '../server/connection.ts';
import { usePolled } from '../server/poll.ts';
import { api, bodyOf } from '../server/request.ts';
import { DefinitionDiff } from './definition-diff.tsx';

/** The newest say what is launched now; "wipctl definitions list" has all. */
const SHOWN = 50;
const TASKS_SHOWN = 4;
const DEFINITIONS_MS = 15_000;

/** The task definitions that were registered, and in what one differs from another. */
export function Definitions(): JSX.Element | null {
  const { query } = useLocation();
  const { value, problem } = usePolled(() => bodyOf(api.GET('/v1/task-definitions')), DEFINITIONS_MS);
  if (problem !== null) return <Problem what="The task definitions could not be read" error={problem} />;
  if (value === null) return null;
  const all = value.definitions;
  const [newest] = all;
  if (newest === undefined) {
    return (
      <Section id="definitions" title="Task definitions">
        <p class="card pad muted">None has been registered yet: the first launch does it.</p>
      </Section>
    );
  }
  const chosen = all.find(({ id }) => String(id) === query['definition']) ?? newest;
  return (
    <div class="cols even">
      <DefinitionTable all={all} chosen={chosen} />
      <DefinitionDiff key={chosen.id} all={all} chosen={chosen} wanted={query['before']} />
    </div>
  );
}

interface DefinitionTableProps {
  readonly all: readonly DefinitionView[];
  readonly chosen: DefinitionView;
}

function DefinitionTable({ all, chosen }: DefinitionTableProps): JSX.Element {
  const families = new Set(all.map(({ family }) => family)).size;
  return (
    <Section
      id="definitions"
      title="Task definitions"
      end={`${plural(all.length, 'revision')} of ${plural(families, 'family', 'families')}, the newest first`}
    >
      <div class="card tbl-wrap" tabIndex={0} role="region" aria-label="Revisions of task definitions">
        <table class="tbl">
          <thead>
            <tr>
              <th>Definition</th>
              <th>State</th>
              <th>Registered</th>
              <th class="num">Containers</th>
              <th>Tasks</th>
            </tr>
          </thead>
          <tbody>
            {all.slice(0, SHOWN).map((one) => (
              <tr key={one.id} class={one.id === chosen.id ? 'own' : ''}>
                <td data-l="Definition">
                  <a
                    class="link mono"
                    href={`/clusters?definition=${one.id}`}
                    {...(one.id === chosen.id && { 'aria-current': true })}
                  >
                    {one.family}:{one.revision}
                  </a>
                  <div class="muted">
                    {one.region}, {one.cluster}
                  </div>
                </td>
                <td data-l="State" class="nowrap">
                  {one.state}
                </td>
                <td data-l="Registered" class="nowrap">
                  {showInstant(one.registeredAt, now.value)}
                </td>
                <td data-l="Containers" class="num">
                  {one.containers}
                </td>
                <td data-l="Tasks">
                  <Tasks ids={one.tasks} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {all.length > SHOWN && <p class="muted below">The newest {SHOWN} of them; “wipctl definitions list” has all.</p>}
    </Section>
  );
}

function Tasks({ ids }: { readonly ids: readonly number[] }): JSX.Element {
  if (ids.length === 0) return <span class="muted">–</span>;
  return (
    <>
      {ids.slice(0, TASKS_SHOWN).map((id, index) => (
        <span key={id}>
          {index > 0 && ', '}
          <a class="link" href={`/tasks/${id}`}>
            {id}
          </a>
        </span>
      ))}
      {ids.length > TASKS_SHOWN && `, and ${ids.length - TASKS_SHOWN} more`}
    </>
  );
}
