import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ClustersAnswer, ClusterView } from '../../api/clusters/cluster-views.ts';
import { Footer } from '../app/footer.tsx';
import { showInstant } from '../format.ts';
import { ask } from '../parts/confirm.tsx';
import { StatusIcon } from '../parts/icons.tsx';
import { Empty, Problem, Section } from '../parts/section.tsx';
import { CommandLine } from '../parts/command.tsx';
import { now } from '../server/connection.ts';
import { pollNow, usePoll } from '../server/poll.ts';
import { requestJson, RequestRefused } from '../server/request.ts';
import { mayDo } from '../server/session.ts';
import { launchesOn } from './launches-on.ts';

const CLUSTERS_MS = 5_000;

/** The ECS clusters of the installation, and which one new containers go to. */
export function ClustersPage(): JSX.Element {
  const clusters = useSignal<readonly ClusterView[] | null>(null);
  const problem = useSignal<string | null>(null);
  usePoll(async () => {
    try {
      clusters.value = (await requestJson<ClustersAnswer>('GET', '/v1/clusters')).clusters;
      problem.value = null;
    } catch (error) {
      if (error instanceof RequestRefused) problem.value = error.message;
      throw error;
    }
  }, CLUSTERS_MS);
  useEffect(() => void (document.title = 'Clusters · Wip'), []);
  const active = clusters.value?.find(({ isActive }) => isActive);
  return (
    <>
      <div class="head">
        <h1>Clusters</h1>
        {clusters.value && (
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
      </div>
      {problem.value !== null && <Problem what="The clusters could not be read" error={problem.value} />}
      {clusters.value?.length === 0 && (
        <Empty title="No cluster is stored">
          <p>An administrator stores one, and makes it the active one.</p>
          <CommandLine command="wipctl clusters save --help" />
        </Empty>
      )}
      {clusters.value && clusters.value.length > 0 && <Stored clusters={clusters.value} />}
      <Footer keys={[]} />
    </>
  );
}

const COLUMNS = ['Cluster', 'Region', 'ECS cluster', 'Launches on', 'Credentials', 'Changed'] as const;

function Stored({ clusters }: { readonly clusters: readonly ClusterView[] }): JSX.Element {
  return (
    <Section id="stored" title="Stored">
      <div class="card tbl-wrap" tabIndex={0} role="region" aria-label="Stored clusters">
        <table class="tbl">
          <thead>
            <tr>
              {COLUMNS.map((name) => (
                <th key={name}>{name}</th>
              ))}
              {mayDo('admin') && (
                <th>
                  <span class="sr">Actions</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {clusters.map((cluster) => (
              <ClusterRow key={cluster.name} cluster={cluster} />
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function ClusterRow({ cluster }: { readonly cluster: ClusterView }): JSX.Element {
  const { name, region, cluster: ecsName, accessKeyId, hasSecret, isActive, updatedAt, endpoint } = cluster;
  return (
    <tr>
      <td data-l="Cluster">
        <b>{name}</b>{' '}
        {isActive && (
          <span class="st st-ok">
            <StatusIcon shape="ok" />
            Active
          </span>
        )}
      </td>
      <td data-l="Region" class="mono">
        {region}
      </td>
      <td data-l="ECS cluster" class="mono">
        {ecsName}
      </td>
      <td data-l="Launches on">
        {launchesOn(cluster.launch)}
        {endpoint !== null && <div class="muted mono">{endpoint}</div>}
      </td>
      <td data-l="Credentials">
        {accessKeyId === null
          ? 'those of the node'
          : `key ${accessKeyId}, ${hasSecret ? 'secret stored' : 'no secret'}`}
      </td>
      <td data-l="Changed">{showInstant(updatedAt, now.value)}</td>
      {mayDo('admin') && (
        <td data-l="">
          <button
            type="button"
            class="btn"
            disabled={isActive}
            aria-label={`Use ${name}`}
            onClick={() => askToUse(name)}
          >
            {isActive ? 'Use' : 'Use…'}
          </button>
        </td>
      )}
    </tr>
  );
}

function askToUse(name: string): void {
  ask({
    title: `Use the cluster ${name}?`,
    text: 'New containers are launched there from now on. Those that run stay where they are.',
    action: 'Use it',
    isDangerous: false,
    run: async () => {
      await requestJson('PUT', `/v1/clusters/${encodeURIComponent(name)}/active`);
      pollNow();
    },
  });
}
