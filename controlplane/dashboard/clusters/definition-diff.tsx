import { useSignal } from '@preact/signals';
import { useLocation } from 'preact-iso/router';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { DefinitionDiffAnswer, DefinitionView } from '../../api/definitions/definition-views.ts';
import { plural } from '../format.ts';
import { Problem, Section } from '../parts/section.tsx';
import { api, bodyOf } from '../server/request.ts';
import { diffLines, otherRevisions, revisionBefore } from './definition-order.ts';

interface DefinitionDiffProps {
  readonly all: readonly DefinitionView[];
  readonly chosen: DefinitionView;
  /** The number of the definition to compare with, as the address has it. */
  readonly wanted: string | undefined;
}

/** In what a definition differs from the revision before, or from another; and the whole of it. */
export function DefinitionDiff({ all, chosen, wanted }: DefinitionDiffProps): JSX.Element {
  const others = otherRevisions(all, chosen);
  const before = others.find(({ id }) => String(id) === wanted) ?? revisionBefore(all, chosen);
  return (
    <Section
      id="diff"
      title={
        before ? (
          <>
            Revision {before.revision} → {chosen.revision}
          </>
        ) : (
          <>Revision {chosen.revision}</>
        )
      }
      end={others.length > 0 && <ChooseBefore chosen={chosen} before={before} others={others} />}
    >
      <div class="card">
        {before ? (
          <Differences key={before.id} before={before.id} after={chosen.id} />
        ) : (
          <p class="pad muted">It is the first revision that is known: there is none to compare it with.</p>
        )}
        <Whole id={chosen.id} />
      </div>
    </Section>
  );
}

interface ChooseBeforeProps {
  readonly chosen: DefinitionView;
  readonly before: DefinitionView | undefined;
  readonly others: readonly DefinitionView[];
}

function ChooseBefore({ chosen, before, others }: ChooseBeforeProps): JSX.Element {
  const { route } = useLocation();
  return (
    <label class="field">
      <span class="muted nowrap">compared with</span>
      <select
        value={before?.id}
        onChange={(event) => route(`/clusters?definition=${chosen.id}&before=${event.currentTarget.value}`)}
      >
        {before === undefined && <option value="">none</option>}
        {others.map(({ id, revision }) => (
          <option key={id} value={id}>
            revision {revision}
          </option>
        ))}
      </select>
    </label>
  );
}

const MARKS = { path: ' ', before: '−', after: '+' } as const;
const CLASSES = { path: 'ctx', before: 'del', after: 'add' } as const;

function Differences({ before, after }: { readonly before: number; readonly after: number }): JSX.Element {
  const answer = useSignal<DefinitionDiffAnswer | null>(null);
  const problem = useSignal<string | null>(null);
  useEffect(() => {
    const read = async (): Promise<void> => {
      try {
        const params = { path: { id: after }, query: { before } };
        answer.value = await bodyOf(api.GET('/v1/task-definitions/{id}/diff', { params }));
      } catch (error) {
        problem.value = error instanceof Error ? error.message : String(error);
      }
    };
    void read();
  }, [before, after]);
  if (problem.value !== null) return <Problem what="They could not be compared" error={problem.value} />;
  if (answer.value === null) return <p class="pad muted late">Comparing…</p>;
  const { differences } = answer.value;
  if (differences.length === 0) return <p class="pad muted">They are the same.</p>;
  return (
    <>
      <p class="pad muted">{plural(differences.length, 'value')} changed</p>
      <div class="diff" tabIndex={0} role="region" aria-label="What changed">
        {diffLines(differences).map(({ kind, text }, index) => (
          <div key={index} class={CLASSES[kind]}>
            <span>{MARKS[kind]}</span>
            <span>{text}</span>
          </div>
        ))}
      </div>
    </>
  );
}

function Whole({ id }: { readonly id: number }): JSX.Element {
  const text = useSignal<string | null>(null);
  const open = async (isOpen: boolean): Promise<void> => {
    if (!isOpen || text.value !== null) return;
    try {
      const { definition } = await bodyOf(api.GET('/v1/task-definitions/{id}', { params: { path: { id } } }));
      text.value = JSON.stringify(definition, null, 2);
    } catch (error) {
      text.value = error instanceof Error ? error.message : String(error);
    }
  };
  return (
    <details class="json" onToggle={(event) => void open(event.currentTarget.open)}>
      <summary>The whole definition, as it was registered</summary>
      <pre tabIndex={0}>{text.value ?? 'Reading it…'}</pre>
    </details>
  );
}
