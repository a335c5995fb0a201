import type { Logger } from '../../shared/system/logger.ts';
import type { OpenClusters } from '../clusters/cluster-set.ts';
import { LaunchSettings } from '../ecs/config/cluster.ts';
import { launchConflictText } from '../ecs/definition/task-definition.ts';
import type { EcsClusterStore } from '../store/clusters/ecs-cluster-store.ts';
import { listClusters } from '../store/clusters/list-clusters.ts';
import type { Db } from '../store/schema.ts';

export interface LaunchConflictDeps {
  readonly db: Db;
  readonly store: Pick<EcsClusterStore, 'activeName'>;
  readonly clusters: Pick<OpenClusters, 'findLaunchConflicts'>;
  readonly log: Logger;
}

/**
 * Logs what in the configuration keeps containers from being launched into the active cluster. The node starts all the
 * same: containers that run already need it.
 */
export async function reportLaunchConflicts({ db, store, clusters, log }: LaunchConflictDeps): Promise<void> {
  const active = await store.activeName();
  const row = (await listClusters(db)).find(({ name }) => name === active);
  if (!row) return;
  const { name, region, cluster, launch } = row;
  for (const conflict of clusters.findLaunchConflicts({
    name,
    region,
    cluster,
    launch: LaunchSettings.parse(launch),
  })) {
    log.error(
      { cluster: name, why: launchConflictText(conflict) },
      'ALERT: nothing can be launched with this configuration',
    );
  }
}
