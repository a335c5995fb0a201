import type { JSX } from 'preact';
import type { ClusterView } from '../../api/clusters/cluster-views.ts';
import { showInstant } from '../format.ts';
import { unlessAway } from '../parts/attempt.tsx';
import { ask } from '../parts/confirm.tsx';
import { StatusIcon } from '../parts/icons.tsx';
import { Section } from '../parts/section.tsx';
import { now } from '../server/connection.ts';
import { pollNow } from '../server/poll.ts';
import { api } from '../server/request.ts';
import { mayDo } from '../server/session.ts';
import { launchesOn } from './launches-on.ts';

interface StoredClustersProps {
  readonly clusters: readonly ClusterView[];
  readonly onCheck: (name: string) => void;
  /** Null while another form is open, whose contents would be lost. */
  readonly onChange: ((cluster: ClusterView) => void) | null;
}

const COLUMNS = ['Cluster', 'Region', 'ECS cluster', 'Launches on', 'Credentials', 'Changed'] as const;

export function StoredClusters({ clusters, onCheck, onChange }: StoredClustersProps): JSX.Element {
  return (
    <Section id="stored" title="Stored">
      <div class="card tbl-wrap" tabIndex={0} role="region" aria-label="Stored clusters">
        <table class="tbl">
          <thead>
            <tr>
              {COLUMNS.map((name) => (
                <th key={name}>{name}</th>
              ))}
              <th>
                <span class="sr">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {clusters.map((cluster) => (
              <ClusterRow key={cluster.name} cluster={cluster} onCheck={onCheck} onChange={onChange} />
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

interface ClusterRowProps extends Omit<StoredClustersProps, 'clusters'> {
  readonly cluster: ClusterView;
}

function ClusterRow({ cluster, onCheck, onChange }: ClusterRowProps): JSX.Element {
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
      <td data-l="Region" class="mono nowrap">
        {region}
      </td>
      <td data-l="ECS cluster" class="mono">
        {ecsName}
      </td>
      <td data-l="Launches on">
        {launchesOn(cluster.launch)}
        {endpoint !== null && <div class="muted mono">{endpoint}</div>}
        {cluster.fallback.length > 0 && <div class="muted">without room: {cluster.fallback.join(', then ')}</div>}
      </td>
      <td data-l="Credentials">
        {accessKeyId === null
          ? 'those of the node'
          : `key ${accessKeyId}, ${hasSecret ? 'secret stored' : 'no secret'}`}
      </td>
      <td data-l="Changed" class="nowrap">
        {showInstant(updatedAt, now.value)}
      </td>
      <td data-l="">
        <div class="btns end">
          <button type="button" class="btn" aria-label={`Check ${name}`} onClick={() => onCheck(name)}>
            Check
          </button>
          {mayDo('admin') && (
            <button
              type="button"
              class="btn"
              disabled={onChange === null}
              aria-label={`Change… ${name}`}
              onClick={() => onChange?.(cluster)}
            >
              Change…
            </button>
          )}
          {mayDo('admin') && (
            <button
              type="button"
              class="btn"
              disabled={isActive}
              {...unlessAway()}
              aria-label={`Use… ${name}`}
              onClick={() => askToUse(name)}
            >
              {isActive ? 'Use' : 'Use…'}
            </button>
          )}
        </div>
      </td>
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
      await api.PUT('/v1/clusters/{name}/active', { params: { path: { name } } });
      pollNow();
    },
  });
}
