import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Footer } from '../app/footer.tsx';
import { Empty, Problem } from '../parts/section.tsx';
import { CommandLine } from '../parts/command.tsx';
import { useTitle } from '../parts/use-title.ts';
import { usePolled } from '../server/poll.ts';
import { api, bodyOf } from '../server/request.ts';
import { mayDo } from '../server/session.ts';
import { ClusterCheck } from './cluster-check.tsx';
import { draft, openForm } from './cluster-draft.ts';
import { ClusterEditor } from './cluster-editor.tsx';
import { Definitions } from './definitions.tsx';
import { StoredClusters } from './stored-clusters.tsx';

const CLUSTERS_MS = 5_000;

/** The ECS clusters of the installation, and which one new containers go to. */
export function ClustersPage(): JSX.Element {
  const checked = useSignal<{ readonly name: string; readonly asked: number } | null>(null);
  const addButton = useRef<HTMLButtonElement>(null);
  const check = (name: string): void => void (checked.value = { name, asked: (checked.peek()?.asked ?? 0) + 1 });
  const { value, problem } = usePolled(() => bodyOf(api.GET('/v1/clusters')), CLUSTERS_MS);
  useTitle('Clusters');
  const clusters = value?.clusters;
  const open = draft.value;
  const mayAdd = mayDo('admin') && clusters !== undefined;
  // The form took the focus; what follows it gets the focus back.
  const wasOpen = useRef(false);
  useEffect(() => {
    if (wasOpen.current && !open) addButton.current?.focus();
    wasOpen.current = open !== null;
  }, [open === null]);
  const active = clusters?.find(({ isActive }) => isActive);
  return (
    <>
      <div class="head">
        <h1>Clusters</h1>
        {clusters && (
          <p class="muted">
            {active ? (
              <>
                New containers go to <b>{active.name}</b>.
              </>
            ) : (
              'No cluster is active: no container can be launched.'
            )}
          </p>
        )}
        {mayAdd && (
          <div class="btns end">
            <button ref={addButton} type="button" class="btn" disabled={open !== null} onClick={() => openForm(null)}>
              Add a cluster…
            </button>
          </div>
        )}
      </div>
      {problem !== null && <Problem what="The clusters could not be read" error={problem} />}
      {mayAdd && open && (
        <div class="gap-b">
          <ClusterEditor
            key={open.known?.name ?? ''}
            known={open.known}
            form={open.form}
            takenNames={clusters.map(({ name }) => name)}
            onSaved={check}
          />
        </div>
      )}
      {clusters?.length === 0 && !open && (
        <Empty title="No cluster is stored">
          <p>An administrator adds one, and makes it the active one.</p>
          <CommandLine command="wipctl clusters save --help" />
        </Empty>
      )}
      {clusters && clusters.length > 0 && (
        <div class="gap-b">
          <StoredClusters clusters={clusters} onCheck={check} onChange={open ? null : openForm} />
        </div>
      )}
      {checked.value !== null && (
        <div class="gap-b">
          <ClusterCheck
            key={checked.value.asked}
            name={checked.value.name}
            onClose={() => void (checked.value = null)}
          />
        </div>
      )}
      <Definitions />
      <p class="muted">
        How many calls of ECS are left is on the page <a href="/health#quotas">Health</a>.
      </p>
      <Footer keys={[]} />
    </>
  );
}
